import { expect, test } from 'vitest';
import { createAlertDesk } from '../../../agent/alerts/alert-desk.ts';
import { createAlertLoop } from '../../../agent/alerts/alert-loop.ts';
import type { ConditionSources } from '../../../agent/alerts/alert-loop.ts';
import { createDeliveryLoop } from '../../../agent/alerts/deliver.ts';
import { watchedLedger } from '../../../agent/alerts/watched-ledger.ts';
import type { AlertMessage, Condition } from '../../../agent/core/alert.ts';
import { minuteMs, secondMs } from '../../../agent/core/time.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { batchOf, day0 } from '../../support/ledger-world.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { openLedger } from '../../../exporters/sqlite/ledger.ts';
import { memoryAlerts } from '../../support/memory-alerts.ts';
import { memoryOutbox } from '../../support/memory-outbox.ts';
import { recordedLog } from '../../support/recorded-log.ts';
import { budgetCondition, noon, ruleCondition, settings, silence } from './alert-world.ts';

/** Loops over a ledger in memory; `said` is what budgets and rules say, and a text is why they cannot. */
type Said = Record<keyof ConditionSources, readonly Condition[] | string>;

function world(first: Partial<Said> = {}) {
  const clock = createFakeClock(noon);
  const outbox = memoryOutbox();
  const ledger = memoryAlerts(outbox);
  const log = recordedLog();
  const said: Said = { budgets: [], rules: [], ...first };
  const sent: { readonly at: number; readonly message: AlertMessage }[] = [];
  /** Rules that fail alone, and why. */
  const failing = new Map<string, string>();
  let evaluations = 0;
  const delivery = createDeliveryLoop({
    clock,
    log,
    random: () => 0,
    outbox,
    put: (messages, at) => outbox.put(messages, at),
    notifiers: ['oncall', 'finops'].map((name) => ({
      name,
      type: 'webhook',
      async send(message, at) {
        sent.push({ at, message });
        return { result: 'delivered', status: 200, answer: '', retryAfterMs: null };
      },
      close: async () => undefined,
    })),
    link: null,
  });
  const desk = createAlertDesk({ clock, ledger, settings });
  const answer = async (from: keyof ConditionSources) => {
    evaluations += from === 'rules' ? 1 : 0;
    const conditions = said[from];
    if (typeof conditions === 'string') throw new Error(conditions);
    return conditions;
  };
  const loop = createAlertLoop({
    clock,
    log,
    desk,
    conditions: {
      budgets: () => answer('budgets'),
      rules: async (failed) => {
        const conditions = await answer('rules');
        for (const [rule, why] of failing) failed(rule, new Error(why));
        return conditions.filter(({ name }) => !failing.has(name));
      },
    },
    wakeDelivery: () => delivery.wake(),
  });
  const stop = new AbortController();
  const running = Promise.all([loop.run(stop.signal), delivery.run(stop.signal)]);
  return {
    clock,
    ledger,
    log,
    said,
    failing,
    sent,
    loop,
    desk,
    evaluations: () => evaluations,
    end: async () => {
      stop.abort();
      await running;
      return clock.sleepers();
    },
  };
}

test('what a commit brings has left for people within five seconds', async () => {
  const { clock, said, sent, loop, end } = world();
  await clock.advance(7 * secondMs);
  said.rules = [ruleCondition()];
  const at = clock.now();
  loop.changed();
  await clock.advance(5 * secondMs);
  expect(sent.map(({ message }) => message.type)).toEqual(['alert.firing']);
  expect((sent[0]?.at ?? Infinity) - at).toBeLessThanOrEqual(5 * secondMs);
  expect(await end()).toEqual([]);
});

test('without any change it looks every minute', async () => {
  const { clock, evaluations, end } = world();
  await clock.advance(10 * minuteMs);
  expect(evaluations()).toBe(10);
  await end();
});

test('many changes at once are one evaluation', async () => {
  const { clock, loop, evaluations, end } = world();
  for (let count = 0; count < 500; count += 1) loop.changed();
  await clock.advance(30 * secondMs);
  expect(evaluations()).toBe(1);
  await end();
});

test('what cannot be evaluated keeps its alerts, holds the heartbeat, and is said once', async () => {
  const beat = ruleCondition({
    kind: 'heartbeat',
    key: 'beat',
    labels: {},
    group: 'beat',
    threshold: 60,
  });
  const { clock, said, sent, ledger, log, end } = world({
    budgets: [budgetCondition()],
    rules: [ruleCondition(), beat],
  });
  await clock.advance(minuteMs);
  expect(sent).toHaveLength(3);
  said.rules = 'the ledger is locked';
  said.budgets = [];
  await clock.advance(180 * minuteMs);
  const states = (await ledger.alerts()).map(({ kind, state }) => `${kind} ${state}`);
  expect(states.toSorted()).toEqual([
    'budget corrected',
    'heartbeat firing',
    'throttle_ratio firing',
  ]);
  expect(sent.slice(3).map(({ message }) => message.type)).toEqual(['alert.corrected']);
  expect(log.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  said.rules = [ruleCondition(), beat];
  await clock.advance(minuteMs);
  expect(sent.at(-1)?.message.type).toBe('alert.heartbeat');
  expect(log.lines.map(({ message }) => message)).toContain('rules are evaluated again');
  await end();
});

test('a rule that fails alone keeps its alerts, lets the others be judged, and is said once', async () => {
  const of = (name: string) => ruleCondition({ name, key: name, group: name });
  const beat = ruleCondition({ kind: 'heartbeat', name: 'beat', key: 'beat', threshold: 60 });
  const { clock, said, failing, sent, ledger, log, end } = world({
    rules: [of('broken'), of('sound'), beat],
  });
  await clock.advance(minuteMs);
  expect(sent).toHaveLength(3);
  failing.set('broken', 'the price book cannot be read');
  said.rules = [of('broken'), beat];
  await clock.advance(180 * minuteMs);
  const states = (await ledger.alerts()).map(({ name, state }) => `${name} ${state}`);
  expect(states.toSorted()).toEqual(['beat firing', 'broken firing', 'sound resolved']);
  expect(sent.slice(3).map(({ message }) => message.type)).toEqual(['alert.resolved']);
  expect(log.lines.filter(({ level }) => level === 'error')).toMatchObject([
    { message: /^rule broken cannot/, fields: { message: 'the price book cannot be read' } },
  ]);
  failing.clear();
  said.rules = [beat];
  await clock.advance(180 * minuteMs);
  expect((await ledger.alerts()).find(({ name }) => name === 'broken')?.state).toBe('resolved');
  expect(sent.map(({ message }) => message.type)).toContain('alert.heartbeat');
  expect(log.lines.map(({ message }) => message)).toContain('rule broken is evaluated again');
  await end();
});

test('an acknowledgement and a silence during an evaluation are not written over', async () => {
  const { clock, ledger, desk, end } = world({ rules: [ruleCondition()] });
  await clock.advance(minuteMs);
  const [alert] = await ledger.alerts();
  await Promise.all([
    desk.evaluate([ruleCondition({ value: 0.5 })], () => true),
    desk.acknowledge(alert?.fingerprint ?? '', 'ada', ''),
    desk.evaluate([ruleCondition({ value: 0.6 })], () => true),
    desk.keepSilence(silence({ endsAt: noon + 9 * minuteMs })),
    desk.evaluate([ruleCondition({ value: 0.7 })], () => true),
  ]);
  expect(await ledger.alerts()).toMatchObject([
    { value: 0.7, acknowledged: { by: 'ada' }, silencedBy: ['s1'] },
  ]);
  await end();
});

test('every write that an alert may rest on is told of, also one that fails', () => {
  const contracts = { openaiInputIncludesCached: true, bedrockInvocations: 'accepted' } as const;
  const ledger = openLedger(':memory:', createInterpretation(new Map(), contracts), day0);
  let changes = 0;
  const watched = watchedLedger(ledger, () => (changes += 1));
  const series = { rowId: 'in', dimensions: { ModelId: 'm' }, values: [1] };
  const batch = batchOf([series], { start: day0, end: day0 + minuteMs }, 60, day0 + minuteMs);
  expect(() => watched.commit(batch)).toThrow(/./);
  expect(changes).toBe(1);
  watched.recordDiscovery(
    'aws',
    { targets: [batch.target], inventory: [], failures: [], scopes: [] },
    day0,
  );
  expect(watched.commit(batch).readingsChanged).toBe(1);
  expect(changes).toBe(3);
  ledger.close();
});
