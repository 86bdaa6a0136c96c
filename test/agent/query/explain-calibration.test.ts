import { expect, test } from 'vitest';
import type { Calibration } from '../../../agent/core/calibration.ts';
import { dayMs } from '../../../agent/core/time.ts';
import { calibratedOver, calibrationAt } from '../../../agent/query/calibrated.ts';
import { calibrationSaid } from '../../../agent/query/explain-calibration.ts';
import { identityRow } from '../../support/memory-reader.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const day = Date.UTC(2026, 10, 17);
const one: Calibration = {
  cloud: 'azure',
  account: 'sub-1',
  model: 'openai/gpt-5.4',
  unsplit: { readPpm: 620_000, writePpm: 0 },
  positions: { output: 250_000 },
  longPpm: 100_000,
  from: day,
  learntFrom: { start: day - 30 * dayMs, end: day },
  days: 28,
  learntAt: day + dayMs,
};
const billed = [{ cloud: 'azure' }] as const;

test.each([
  ['an exact cost needs nothing of a bill', one, false, billed, 'not_needed'],
  ['without bills there is nothing to learn from', undefined, true, [], 'no_bills'],
  ['bills of another cloud are none', undefined, true, [{ cloud: 'aws' }] as const, 'no_bills'],
  ['bills may teach nothing', undefined, true, billed, 'not_learnt'],
  ['what they taught is told', one, true, billed, 'calibrated'],
] as const)('%s', (_, calibration, isRange, bills, state) => {
  const said = calibrationSaid({ calibration, billed: bills }, 'azure', isRange, noon);
  expect(said.state).toBe(state);
  expect(said.learnt === null).toBe(state !== 'calibrated');
});

test('it tells the days, their age and each share', () => {
  const said = calibrationSaid({ calibration: one, billed }, 'azure', true, noon);
  expect(said.explanation).toBe(
    'best is learnt from 28 final billed days of the account and model, 2026-10-18 to 2026-11-16, the newest of them 3 days ' +
      'before this figure: 0.62 of unsplit input read from a cache, 0 of unsplit input written to a cache, 0.25 of the way ' +
      'from low to high of output, 0.1 of the way from short to long context',
  );
  expect(said.learnt).toMatchObject({
    days: 28,
    age_days: 3,
    holds_from: '2026-11-17T00:00:00.000Z',
  });
});

test('of a subject that one holds which began last', () => {
  const later = { ...one, from: day + dayMs };
  const other = { ...one, account: 'sub-2', from: day + 2 * dayMs };
  const at = (moment: number) => calibrationAt([later, other, one], one, moment)?.from;
  expect([at(day - 1), at(day), at(noon)]).toEqual([undefined, day, day + dayMs]);
});

test('a span is calibrated from the first learning on', () => {
  const mine = identityRow({ id: 1, cloud: 'azure', account: 'sub-1', model: 'openai/gpt-5.4' });
  const over = calibratedOver([mine], [{ ...one, from: day + dayMs }, one]);
  const span = (start: number, end: number) => over?.(1, { start, end });
  expect(span(day - dayMs, day)).toBe('none');
  expect(span(day - dayMs, day + 1)).toBe('part');
  expect(span(day, day + dayMs)).toBe('all');
  expect(over?.(2, { start: day, end: noon })).toBe('none');
  expect(calibratedOver([identityRow({ id: 1, account: 'else' })], [one])).toBeUndefined();
});
