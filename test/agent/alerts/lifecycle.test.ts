import { expect, test } from 'vitest';
import { minuteMs } from '../../../agent/core/time.ts';
import { budgetCondition, noon, ruleCondition, silence, stepped, typesIn } from './alert-world.ts';

const clear = { state: 'clear' } as const;

test('the same data that is restated to and fro makes messages of its own each time', () => {
  const world = stepped();
  const steps = ['met', 'clear', 'met', 'clear'].map((state, minute) =>
    world.step(noon + minute * minuteMs, ruleCondition({ state: state as 'met' })),
  );
  expect(steps.map(typesIn)).toEqual(['firing', 'resolved', 'firing', 'resolved']);
  const ids = steps.flatMap(({ messages }) => messages.map(({ id }) => id));
  expect(new Set(ids).size).toBe(4);
});

test.each([
  ['its condition is clear', clear],
  ['nothing names it', undefined],
])('what ended under a silence and was pending again is told as resolved when %s', (_, last) => {
  const world = stepped();
  const rule = ruleCondition({ forSeconds: 600 });
  world.step(noon, rule);
  const at = (minutes: number) => noon + minutes * minuteMs;
  world.step(at(10), { ...rule, dataUntil: at(10) });
  world.silences.push(silence());
  world.step(at(20), { ...rule, ...clear, dataUntil: at(20) });
  world.silences.pop();
  const again = world.step(at(30), { ...rule, dataUntil: at(30) });
  const over = world.step(at(31), ...(last ? [{ ...rule, ...last, dataUntil: at(31) }] : []));
  expect([again, over].map(typesIn)).toEqual(['', 'resolved']);
});

test('two agents that look at different moments give the same message of a budget the same id', () => {
  const idAt = (now: number, dataUntil: number) =>
    stepped().step(now, budgetCondition({ dataUntil, value: 455 + dataUntil })).messages[0]?.id;
  expect(idAt(noon, noon)).toBe(idAt(noon + 7 * minuteMs, noon + 5 * minuteMs));
  expect(idAt(noon, noon)).toMatch(/^msg_[0-9a-f]{32}$/);
});

test('of two agents, one restarted in between, a heartbeat of the same moment has the same id', () => {
  const beat = ruleCondition({ kind: 'heartbeat', threshold: 600 });
  const old = stepped();
  old.step(noon - 60 * minuteMs, beat);
  const [one] = old.step(noon, { ...beat, dataUntil: noon }).messages;
  const [other] = stepped().step(noon + minuteMs, beat).messages;
  expect(one?.type).toBe('alert.heartbeat');
  expect(one?.id).toBe(other?.id);
});

test('a message holds what people need and nothing of how it is remembered', () => {
  const { messages } = stepped({ publicUrl: 'https://cb.example.com' }).step(
    noon,
    budgetCondition({ certainty: 'provisional', incomplete: true }),
  );
  expect(messages).toHaveLength(1);
  const [message] = messages;
  expect(message?.link).toBe('https://cb.example.com/api/v1/alerts?name=search');
  expect(message?.alerts).toMatchObject([
    { state: 'firing', firedAt: noon, certainty: 'provisional', incomplete: true, value: 455 },
  ]);
  for (const inner of ['told', 'episode', 'messages', 'armed', 'missingSince']) {
    expect(message?.alerts[0]).not.toHaveProperty(inner);
  }
});

test('the fingerprint of a rule is the one Alertmanager gives its labels', () => {
  const world = stepped();
  world.step(noon, ruleCondition({ labels: { alertname: 'empty' } }));
  expect(world.only().fingerprint).toBe('ef5aa05097325321');
});

test('conditions whose labels do not tell them apart are alerts of their own', () => {
  const world = stepped();
  const { messages } = world.step(noon, ruleCondition({ key: 'a' }), ruleCondition({ key: 'b' }));
  expect(messages[0]?.alerts.map(({ key }) => key).toSorted()).toEqual(['a', 'b']);
});

test('who is told of nothing is still shown what fires', () => {
  const world = stepped();
  expect(world.step(noon, ruleCondition({ notify: [] })).messages).toEqual([]);
  expect(world.only()).toMatchObject({ state: 'firing', told: 'firing' });
});

test('figures go on while it fires, and stay as they were once it is over', () => {
  const world = stepped();
  world.step(noon, ruleCondition());
  world.step(noon + minuteMs, ruleCondition({ value: 0.07, certainty: 'settled' }));
  expect(world.only()).toMatchObject({ value: 0.07, certainty: 'settled' });
  world.step(noon + 2 * minuteMs, ruleCondition({ ...clear, value: 0.01 }));
  world.step(noon + 3 * minuteMs, ruleCondition({ ...clear, value: 0 }));
  expect(world.only()).toMatchObject({ state: 'resolved', value: 0.01 });
});
