import fc from 'fast-check';
import { expect, test } from 'vitest';
import { step } from '../../../agent/alerts/lifecycle.ts';
import type { AlertMessage, Condition, Silence, TrackedAlert } from '../../../agent/core/alert.ts';
import { dayMs, minuteMs } from '../../../agent/core/time.ts';
import {
  budgetCondition,
  noon,
  november,
  ruleCondition,
  settings,
  silence,
} from './alert-world.ts';

const december = { start: november.end, end: november.end + 31 * dayMs };

/** What one evaluation meets: a condition each of a rule that must last, one that need not, and two thresholds of a budget. */
const anySaid = fc.option(
  fc.record({ state: fc.constantFrom('met', 'clear', 'no_data'), near: fc.boolean() }),
  { freq: 6 },
);
const anyMoment = fc.record({
  /** Time goes on, seldom far, sometimes back. */
  pass: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 30 }).map((minutes) => minutes * minuteMs) },
    { weight: 2, arbitrary: fc.integer({ min: -600, max: 6 * 60 }).map((n) => n * minuteMs) },
    { weight: 1, arbitrary: fc.constant(9 * dayMs) },
  ),
  lag: fc.integer({ min: 0, max: 20 }).map((minutes) => minutes * minuteMs),
  said: fc.tuple(anySaid, anySaid, anySaid, anySaid),
  amount: fc.constantFrom(500, 500, 500, 500, 800),
  silenced: fc.boolean(),
  acknowledge: fc.boolean(),
});
type Moment = typeof anyMoment extends fc.Arbitrary<infer T> ? T : never;

function conditionsAt(moment: Moment, now: number): readonly Condition[] {
  const { said, lag, amount } = moment;
  const period = now < november.end ? november : december;
  const dataUntil = now - lag;
  const makers: readonly ((change: Partial<Condition>) => Condition)[] = [
    (change) => ruleCondition({ ...change, forSeconds: 600 }),
    (change) => ruleCondition({ ...change, labels: { alertname: 'quick' }, key: 'quick' }),
    (change) => budgetCondition({ ...change, period, threshold: amount / 2 }, 0.5),
    (change) => budgetCondition({ ...change, period, threshold: amount * 0.9 }, 0.9),
  ];
  return makers.flatMap((make, index) => {
    const one = said[index];
    if (one === null || one === undefined) return [];
    const { state, near } = one;
    return make({ dataUntil, state, near: state === 'clear' && near });
  });
}

/** The story of the moments, from a state that is written to text and read again before each. */
function live(moments: readonly Moment[], each: (told: Told) => void): readonly AlertMessage[] {
  let alerts: readonly TrackedAlert[] = [];
  let now = noon;
  const all: AlertMessage[] = [];
  for (const moment of moments) {
    now += moment.pass;
    const everything = [{ name: 'severity', value: '*', isEqual: true }];
    const silences = moment.silenced
      ? [silence({ matchers: everything, startsAt: 0, endsAt: Infinity })]
      : [];
    const conditions = conditionsAt(moment, now);
    const done = step({ alerts, silences }, conditions, now, settings);
    const merged = merge(alerts, done.alerts);
    const again = step({ alerts: merged, silences }, conditions, now, settings);
    each({ before: alerts, alerts: merged, silences, again, messages: done.messages });
    all.push(...done.messages);
    const acknowledged = moment.acknowledge ? { by: 'ada', at: now, note: '' } : null;
    alerts = JSON.parse(
      JSON.stringify(
        merged.map((alert) => (alert.state === 'firing' ? { ...alert, acknowledged } : alert)),
      ),
    );
  }
  return all;
}

interface Told {
  readonly before: readonly TrackedAlert[];
  readonly alerts: readonly TrackedAlert[];
  readonly silences: readonly Silence[];
  readonly again: ReturnType<typeof step>;
  readonly messages: readonly AlertMessage[];
}

function merge(
  old: readonly TrackedAlert[],
  changed: readonly TrackedAlert[],
): readonly TrackedAlert[] {
  const all = new Map([...old, ...changed].map((alert) => [alert.fingerprint, alert]));
  return [...all.values()];
}

const anyStory = fc.array(anyMoment, { maxLength: 40 });
/** Every alert's messages of a notifier, in order. */
function linesOf(messages: readonly AlertMessage[]): ReadonlyMap<string, readonly string[]> {
  const lines = new Map<string, string[]>();
  for (const { notifier, type, alerts } of messages) {
    for (const { fingerprint } of alerts) {
      const key = `${fingerprint} ${notifier}`;
      lines.set(key, [...(lines.get(key) ?? []), type.replace('alert.', '')]);
    }
  }
  return lines;
}

test('a step done twice with the same changes nothing the second time', () => {
  fc.assert(
    fc.property(anyStory, (moments) => {
      live(moments, ({ again }) => {
        expect([...again.alerts, ...again.events, ...again.messages]).toEqual([]);
      });
    }),
  );
});

test('each id has one meaning, and no message is made twice', () => {
  fc.assert(
    fc.property(anyStory, (moments) => {
      const ids = live(moments, () => undefined).map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    }),
  );
});

test('an alert begins with firing; resolved follows it; nothing is resolved or fires twice in a row', () => {
  fc.assert(
    fc.property(anyStory, (moments) => {
      for (const line of linesOf(live(moments, () => undefined)).values()) {
        expect(line.join(' ')).toMatch(
          /^(firing( repeated)*( (resolved|corrected)( firing| repeated)( repeated)*)*( (resolved|corrected))?)?$/,
        );
      }
    }),
  );
});

test('a threshold fires at most once in its period, once more for each change of the amount', () => {
  fc.assert(
    fc.property(anyStory, (moments) => {
      const changes = moments.filter(
        ({ amount }, index) => index > 0 && amount !== moments[index - 1]?.amount,
      ).length;
      const budget = live(moments, () => undefined).filter(({ notifier }) => notifier === 'finops');
      for (const line of linesOf(budget).values()) {
        const fired = line.filter((type) => type === 'firing').length;
        expect(fired).toBeLessThanOrEqual(1 + changes);
      }
    }),
  );
});

test('after a step that no silence holds back, people know what is: firing, or no longer', () => {
  fc.assert(
    fc.property(anyStory, (moments) => {
      live(moments, ({ alerts, silences }) => {
        if (silences.length > 0) return;
        const untold = alerts.filter(({ state, told }) =>
          state === 'firing' ? told === null : told === 'firing' && state !== 'pending',
        );
        expect(untold).toEqual([]);
      });
    }),
  );
});

test('without data nothing changes its state', () => {
  fc.assert(
    fc.property(anyStory, (moments) => {
      const blind = moments.map((moment, index) =>
        index % 2 === 0
          ? moment
          : {
              ...moment,
              pass: minuteMs,
              amount: moments[index - 1]?.amount ?? 500,
              said: moment.said.map(() => ({ state: 'no_data', near: false })) as Moment['said'],
            },
      );
      let turn = 0;
      live(blind, ({ before, alerts }) => {
        turn += 1;
        // What no condition names, such as the alert of a period that is over, is another matter.
        const rules = before.filter(({ period }) => turn % 2 === 0 && period === null);
        const after = new Map(alerts.map((alert) => [alert.fingerprint, alert.state]));
        expect(rules.map(({ fingerprint }) => after.get(fingerprint))).toEqual(
          rules.map(({ state }) => state),
        );
      });
    }),
  );
});
