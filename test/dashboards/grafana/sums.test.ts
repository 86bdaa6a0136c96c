import { describe, expect, it } from 'vitest';
import { apiNow, rowsIn } from '../../support/api-world.ts';
import { boardsJson, panelsOf, targetOf } from './board-schema.ts';
import { ask, boardWorld, startOf, viewerOf } from './board-world.ts';
import { fieldIn, transformed } from './transformations.ts';

const world = boardWorld();
const all = { cloud: ['*'], account: ['*'], model: ['*'], team: ['*'] };

/** What a panel adds up to over all its rows or series. */
async function panelSum(uid: string, title: string, column: string): Promise<number> {
  const board = boardsJson().find((one) => one.uid === uid);
  const panel = board && panelsOf(board).find((one) => one.title === title);
  if (board === undefined || panel === undefined) throw new Error(`no ${uid} / ${title}`);
  const from = startOf('now/M');
  const frame = transformed(
    await ask(world, targetOf(panel), viewerOf(from, all)),
    panel.transformations,
  );
  fieldIn(frame, column);
  return frame.fields
    .filter(({ name }) => name === column)
    .flatMap(({ values }) => values.map(Number))
    .reduce((sum, value) => sum + value, 0);
}

/** What `report` says of the same month. */
async function reported(column: string): Promise<number> {
  const range = `from=${startOf('now/M')}&to=${apiNow}&step=total`;
  const [row] = await rowsIn(await world.api.request(`/api/v1/usage?${range}`));
  return Number(row?.[column]);
}

describe('panels add up to what a report says', () => {
  it.each([
    ['crossbill-spend', 'Spend', 'Cost', 'cost_usd'],
    ['crossbill-spend', 'Spend a day by cloud', 'Cost', 'cost_usd'],
    ['crossbill-spend', 'Spend a day by model', 'Cost', 'cost_usd'],
    ['crossbill-spend', 'Spend a day by team', 'Cost', 'cost_usd'],
    ['crossbill-spend', 'Unpriced tokens', 'Unpriced', 'unpriced_tokens'],
    ['crossbill-tokens', 'Models', 'Cost', 'cost_usd'],
    ['crossbill-tokens', 'Models', 'Input', 'input_tokens'],
    ['crossbill-tokens', 'Models', 'Cache read', 'cache_read_tokens'],
    ['crossbill-tokens', 'Tokens by type', 'Output', 'output_tokens'],
    ['crossbill-tokens', 'Output tokens by model', 'Output', 'output_tokens'],
    ['crossbill-tokens', 'Output tokens by team', 'Output', 'output_tokens'],
    ['crossbill-trust', 'Bounds of the cost a day', 'At most', 'cost_high_usd'],
  ])('%s: %s, %s', async (uid, title, shown, column) => {
    const expected = await reported(column);
    expect(expected).toBeGreaterThan(0);
    expect(await panelSum(uid, title, shown)).toBeCloseTo(expected, 9);
  });

  it('the last of the running sum is the whole', async () => {
    const board = boardsJson().find(({ uid }) => uid === 'crossbill-spend');
    const panel = board && panelsOf(board).find(({ title }) => title === 'Spend so far');
    if (panel === undefined) throw new Error('no such panel');
    const answer = await ask(world, targetOf(panel), viewerOf(startOf('now/M'), all));
    const { values } = fieldIn(transformed(answer, panel.transformations), 'Spent so far');
    expect(values.at(-1)).toBeCloseTo(await reported('cost_usd'), 9);
    expect(values.map(Number).toSorted((a, b) => a - b)).toEqual(values);
  });

  it.each([
    ['Cost', '2026-11-16', '2026-11-23'],
    ['Cost before', '2026-11-09', '2026-11-16'],
  ])('%s of what changed is that of its week', async (column, from, to) => {
    const week = `/api/v1/usage?from=${from}&to=${to}&step=total`;
    const [row] = await rowsIn(await world.api.request(week));
    const shown = await panelSum('crossbill-spend', 'What changed in a week, by model', column);
    expect(shown).toBeCloseTo(Number(row?.['cost_usd']), 9);
    expect(shown).toBeGreaterThan(0);
  });

  it('the parts of what changed add up to the change', async () => {
    const sumOf = (column: string) =>
      panelSum('crossbill-spend', 'What changed in a week, by model', column);
    const parts = ['Price', 'Volume', 'Mix', 'New', 'Gone', 'Capacity', 'Not known'];
    const sums = await Promise.all(parts.map(sumOf));
    const change = await sumOf('Change');
    expect(change).not.toBe(0);
    expect(sums.reduce((sum, part) => sum + part, 0)).toBeCloseTo(change, 9);
  });

  it('tokens are the five types together', async () => {
    const types = ['input', 'cache_read', 'cache_write', 'unsplit_input', 'output'];
    const parts = await Promise.all(types.map((type) => reported(`${type}_tokens`)));
    const whole = parts.reduce((sum, part) => sum + part, 0);
    expect(await panelSum('crossbill-tokens', 'Tokens', 'Tokens')).toBe(whole);
  });
});
