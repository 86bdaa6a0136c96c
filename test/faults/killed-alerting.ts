import { writeSync } from 'node:fs';
import { createAlertDesk } from '../../agent/alerts/alert-desk.ts';
import { createAlertLoop } from '../../agent/alerts/alert-loop.ts';
import { createDeliveryLoop } from '../../agent/alerts/deliver.ts';
import { goneMs, repeatMs } from '../../agent/alerts/lifecycle-settings.ts';
import type { AlertMessage, Condition } from '../../agent/core/alert.ts';
import { silentLog } from '../../agent/core/log.ts';
import { minuteMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import { createInterpretation } from '../../agent/normalize/interpret.ts';
import { openLedger } from '../../exporters/sqlite/ledger.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { dice } from './dice.ts';

/**
 * A program that evaluates alerts minute by minute and brings messages to a receiver, until it is killed or done. It says a
 * line after each thing that happened: `["m",42]` minute 42 is over, `["s",message]` the receiver has the message.
 */
export interface AlertingOrders {
  readonly path: string;
  readonly from: number;
  readonly minutes: number;
}

const storyStart = Date.UTC(2026, 10, 30, 22);

const { path, from, minutes }: AlertingOrders = JSON.parse(process.argv[2] ?? '{}');
const say = (what: readonly unknown[]) => void writeSync(1, `${JSON.stringify(what)}\n`);

const contracts = { openaiInputIncludesCached: true, bedrockInvocations: 'accepted' } as const;
const clock = createFakeClock(storyStart + from * minuteMs);
const ledger = openLedger(path, createInterpretation(new Map(), contracts), clock.now());
const isConfigured = () => true;
const settings = { repeatMs: repeatMs / 16, goneMs: goneMs / 16, isConfigured, publicUrl: null };
const delivery = createDeliveryLoop({
  clock,
  log: silentLog,
  random: () => 0,
  outbox: ledger,
  put: (messages, at) => ledger.recordStep({ at, alerts: [], events: [], messages }),
  notifiers: ['finops', 'oncall'].map((name) => ({
    name,
    type: 'webhook',
    async send(message: AlertMessage, at: Instant) {
      // Some attempts fail; which ones is drawn by the minute, not by the process.
      if (dice(Math.floor(at / minuteMs))() < 0.3) {
        return { result: 'retry', status: 503, answer: 'busy', retryAfterMs: null };
      }
      say(['s', message]);
      return { result: 'delivered', status: 200, answer: '', retryAfterMs: null };
    },
    close: async () => undefined,
  })),
  link: null,
});
const loop = createAlertLoop({
  clock,
  log: silentLog,
  desk: createAlertDesk({ clock, ledger, settings }),
  conditions: { budgets: async () => budgets(clock.now()), rules: async () => rules(clock.now()) },
  wakeDelivery: () => delivery.wake(),
});
const stop = new AbortController();
const running = Promise.all([loop.run(stop.signal), delivery.run(stop.signal)]);
for (let minute = from; minute < minutes; minute += 1) {
  await clock.advance(minuteMs);
  say(['m', minute + 1]);
}
// What is left is brought without any further evaluation's news.
stop.abort();
await running;
ledger.close();

/** Rules that come and go by the minute. */
function rules(now: Instant): readonly Condition[] {
  return ['a', 'b', 'c'].flatMap((name, index) => {
    const drawn = dice(Math.floor(now / (7 * minuteMs)) * 31 + index)();
    const state = drawn < 0.5 ? 'met' : drawn < 0.8 ? 'clear' : 'no_data';
    if (drawn > 0.95) return [];
    const period = null;
    return conditionOf(name, `rule ${index % 2}`, {
      state,
      now,
      period,
      notify: ['oncall', 'finops'],
    });
  });
}

/** A budget of a day that is spent by and by, restated at times, over midnight. */
function budgets(now: Instant): readonly Condition[] {
  const midnight = Date.UTC(2026, 11, 1);
  const day = 24 * 60 * minuteMs;
  const period =
    now < midnight
      ? { start: midnight - day, end: midnight }
      : { start: midnight, end: midnight + day };
  const spent =
    ((now - (now < midnight ? storyStart : midnight)) / minuteMs) * 2 - 40 * dice(now)();
  return [50, 90, 100].flatMap((percent) => {
    const state = spent >= percent ? 'met' : 'clear';
    const notify = ['finops'];
    return conditionOf(`budget ${percent}`, `budget ${period.start}`, {
      state,
      now,
      period,
      notify,
    });
  });
}

function conditionOf(
  name: string,
  group: string,
  given: Pick<Condition, 'state' | 'period' | 'notify'> & { readonly now: Instant },
): readonly Condition[] {
  const { now, ...rest } = given;
  return [
    {
      key: `${name}/${given.period?.start}`,
      group,
      name,
      kind: given.period === null ? 'throttle_ratio' : 'budget',
      labels: { alertname: name },
      annotations: {},
      near: false,
      value: 1,
      threshold: 1,
      unit: 'ratio',
      certainty: 'settled',
      incomplete: false,
      dataUntil: now - 3 * minuteMs,
      forSeconds: name === 'a' ? 180 : 0,
      ...rest,
    },
  ];
}
