import type { Delivery } from '../../core/alert.ts';
import { dayMs, secondMs } from '../../core/time.ts';
import type { Instant } from '../../core/time.ts';
import type { Evaluate } from './evaluator.ts';
import type { Finding } from './rule.ts';
import { noData } from './threshold.ts';
import { plural, spanText } from './words.ts';

/** The oldest of more waiting deliveries than this is taken for the oldest. */
const mostWaiting = 1_000;

/**
 * Whether messages reach each notifier: how long the oldest one waits; met as well where one was given up within a day and
 * none was delivered since. One series a notifier.
 */
export const deliveryFailing: Evaluate = async (_rule, threshold, reads) => {
  const { now, deps } = reads;
  if (deps.notifiers.length === 0) return [noData({}, threshold, now, 'there is no notifier')];
  const { outbox } = deps;
  return Promise.all(
    deps.notifiers.map(async (notifier) => {
      const [waiting, dead, delivered] = await Promise.all([
        outbox.deliveries({ state: 'waiting', notifier, limit: mostWaiting }),
        outbox.deliveries({ state: 'dead', notifier, limit: mostWaiting }),
        outbox.deliveries({ state: 'delivered', notifier, limit: 1 }),
      ]);
      return standing(notifier, threshold, now, { waiting, dead, delivered });
    }),
  );
};

interface Outbox {
  readonly waiting: readonly Delivery[];
  readonly dead: readonly Delivery[];
  readonly delivered: readonly Delivery[];
}

function standing(
  notifier: string,
  threshold: number,
  now: Instant,
  { waiting, dead, delivered }: Outbox,
): Finding {
  const oldest = waiting.reduce<Delivery | undefined>(
    (first, one) => (first === undefined || one.createdAt < first.createdAt ? one : first),
    undefined,
  );
  const since = Math.max(now - dayMs, ...delivered.map((one) => one.deliveredAt ?? 0));
  const lost = dead.filter(({ lastTryAt, createdAt }) => (lastTryAt ?? createdAt) > since);
  const age = oldest === undefined ? 0 : Math.max(0, (now - oldest.createdAt) / secondMs);
  const last = oldest ?? lost[0];
  const parts = [
    ...(oldest === undefined
      ? []
      : [`${plural(waiting.length, 'message')} wait, the oldest for ${spanText(age)}`]),
    ...(lost.length === 0 ? [] : [`${lost.length} given up today`]),
  ];
  const answer =
    last === undefined || last.attempts === 0 ? '' : `; last answer: ${answerText(last)}`;
  return {
    series: { notifier },
    state: lost.length > 0 || age > threshold ? 'met' : 'clear',
    value: age,
    threshold,
    dataUntil: now,
    summary: `${notifier}: ${parts.length === 0 ? 'nothing waits' : parts.join(', ')}${answer}`,
  };
}

function answerText({ lastStatus, lastAnswer }: Delivery): string {
  return lastStatus === null ? lastAnswer : `${lastStatus} ${lastAnswer}`.trim();
}
