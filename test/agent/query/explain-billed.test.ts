import { expect, it } from 'vitest';
import { billedSaid } from '../../../agent/query/explain-billed.ts';
import { hourMs } from '../../../agent/core/time.ts';
import { billLine, billStatement, memoryBills, november } from '../../support/bill-world.ts';
import { identityRow } from '../../support/memory-reader.ts';

const sol = identityRow({
  id: 1,
  cloud: 'aws',
  account: '111122223333',
  resource: '',
  model: 'openai/gpt-5.6-sol',
});
const at = (day: number) => november(day) + 9 * hourMs;
const otherAccount = billLine({ account: '999988887777' });
const otherModel = billLine({ meter: 'other', meaning: 'no_list' });

it.each([
  ['a day that is over', 2, [billLine({ day: november(2) })], 'final', 1],
  ['a day that may still change', 4, [billLine({ day: november(4) })], 'provisional', 1],
  ['a day that no line tells', 4, [billLine({ day: november(2) })], 'not_told', 0],
  ['another account and what is no model', 3, [otherAccount, otherModel], 'not_told', 0],
  [
    'every meter of the model',
    2,
    [billLine({ day: november(2) }), billLine({ day: november(2), meter: 'output' })],
    'final',
    2,
  ],
] as const)('tells of the bill: %s', async (_, day, lines, state, count) => {
  const bills = memoryBills([billStatement({ lines })]);
  const said = await billedSaid(bills, [sol], at(day), false);
  expect(said.state).toBe(state);
  expect(said.lines).toHaveLength(count);
  expect(said.explanation).toMatch(/\.$/);
});

it('says so where there is no bill, and how one comes in', async () => {
  const said = await billedSaid(memoryBills([]), [sol], at(2), false);
  expect(said).toMatchObject({ state: 'no_bills', lines: [] });
  expect(said.explanation).toContain('collect: [usage, bills]');
});

it('shows no whole account to who may see a part of it', async () => {
  const bills = memoryBills([billStatement({ lines: [billLine({ day: november(2) })] })]);
  expect(await billedSaid(bills, [sol], at(2), true)).toMatchObject({
    state: 'not_told',
    lines: [],
  });
});
