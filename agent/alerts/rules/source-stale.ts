import type { TargetStatus } from '../../core/store.ts';
import { secondMs } from '../../core/time.ts';
import type { Instant } from '../../core/time.ts';
import type { Evaluate } from './evaluator.ts';
import type { Finding } from './rule.ts';
import { noData } from './threshold.ts';
import { spanText, timeText } from './words.ts';

/**
 * Whether a target is read: how long ago it last was, whole; of one that never was, for how long it has failed, save that a
 * missing right is told at once. One series a target, and one for each scope that could not be looked at. What is read less often than the threshold, bills or what the spend limit slows, is stale after two of its own
 * turns.
 */
export const sourceStale: Evaluate = async (_rule, threshold, reads) => {
  const statuses = await reads.statuses();
  if (statuses.length === 0) {
    return [noData({}, threshold, reads.now, 'no target is known yet')];
  }
  return statuses.map((status) => staleness(status, threshold, reads.now));
};

function staleness(status: TargetStatus, above: number, now: Instant): Finding {
  const { source, target, lastSuccess, failure, watermark, cadenceSeconds } = status;
  const threshold = Math.max(above, 2 * (cadenceSeconds ?? 0));
  const series = { source, target };
  const base = { series, labels: routed(status), threshold, dataUntil: now };
  if (lastSuccess === null && failure === null) {
    return { ...noData(series, threshold, now, `${target}: not read yet`), labels: base.labels };
  }
  const age = lastSuccess === null ? null : Math.max(0, (now - lastSuccess) / secondMs);
  if (age !== null && age <= threshold) {
    return { ...base, state: 'clear', value: age, summary: `${target}: read ${spanText(age)} ago` };
  }
  if (age === null && failure !== null && failure.reason !== 'denied') {
    const failing = (now - failure.since) / secondMs;
    if (failing <= threshold) {
      const words = `${target}: not read yet, ${failure.reason} for ${spanText(failing)}`;
      return { ...noData(series, threshold, now, words), labels: base.labels };
    }
  }
  const why = failure === null ? 'not read' : `${failure.reason} ${failure.operation}`;
  const since =
    lastSuccess === null || age === null
      ? 'Never read'
      : `Blind since ${timeText(lastSuccess, now)} (${spanText(age)})`;
  const parts = [
    `${target}: ${why}`,
    since,
    ...(watermark === null ? [] : [`Settled data to ${timeText(watermark, now)}`]),
    ...(failure === null ? [] : [`Fix: ${failure.hint.replace(/\.$/, '')}`]),
    ...(status.nextPoll === null ? [] : [`Next try ${timeText(status.nextPoll, now)}`]),
  ];
  return {
    ...base,
    state: 'met',
    value: age,
    summary: `${parts.join('. ')}.`,
    ...(failure === null ? {} : { description: failure.message }),
  };
}

function routed({ cloud, account, region, resource }: TargetStatus) {
  const labels = { cloud: cloud ?? '', account, region, resource };
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
}
