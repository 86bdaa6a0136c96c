import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stackOf } from '../../../dashboards/page/charts/stack.ts';
import { overviewLink } from '../../../dashboards/page/links.ts';
import { rangeBefore, rangeNames, stateOf } from '../../../dashboards/page/state.ts';
import { usageRow } from './page-world.ts';

const now = Date.parse('2026-11-23T12:34:56Z');
const at = (text: string) => Date.parse(text);

describe('what a URL says', () => {
  it.each([
    ['nothing: a day by the hour, by model', '', '2026-11-22T13:00Z', '1h', 'model'],
    ['six hours, by five minutes', 'range=6h', '2026-11-23T07:00Z', '5m', 'model'],
    ['a week from a midnight', 'range=7d&group_by=team', '2026-11-17T00:00Z', '1d', 'team'],
    ['the month', 'range=month', '2026-11-01T00:00Z', '1d', 'model'],
    ['a step of one’s own', 'range=7d&step=1h', '2026-11-17T00:00Z', '1h', 'model'],
    ['a step that makes too many bars', 'range=7d&step=1m', '2026-11-17T00:00Z', '1d', 'model'],
    ['two times', 'from=2026-11-20&to=2026-11-21', '2026-11-20T00:00Z', '1h', 'model'],
    [
      'a time in milliseconds',
      `from=${at('2026-11-23T12:00Z')}`,
      '2026-11-23T12:00Z',
      '1m',
      'model',
    ],
  ])('%s', (_name, search, start, step, groupBy) => {
    const state = stateOf(new URLSearchParams(search), now);
    expect(state).toMatchObject({ step, groupBy, faults: [] });
    expect(state.range.start).toBe(at(start));
  });

  it.each([
    ['range=year', 'range: "year" is none'],
    ['group_by=mood', 'group_by: "mood" is none'],
    ['from=yesterday', 'write two times'],
    ['from=2026-11-23&to=2026-11-22', 'the earlier one first'],
  ])('%s is left out and named', (search, fault) => {
    const { faults, range } = stateOf(new URLSearchParams(search), now);
    expect(faults.join()).toContain(fault);
    expect(range.end).toBe(now);
  });

  it('is what its own link says, whatever is filtered', () => {
    const value = fc
      .string({ minLength: 1 })
      .map((text) => text.replaceAll(',', '').trim())
      .filter(Boolean);
    fc.assert(
      fc.property(fc.constantFrom(...rangeNames), value, value, (range, model, tag) => {
        const search = new URLSearchParams({ range, model, tag_team: tag });
        const state = stateOf(search, now);
        const link = new URL(overviewLink(state, { step: state.step }), 'http://127.0.0.1');
        expect(stateOf(link.searchParams, now)).toEqual(state);
      }),
    );
  });

  it('is compared with a range of the same length that ends where it starts or earlier', () => {
    const any = fc.integer({ min: at('2024-01-01'), max: at('2030-01-01') });
    fc.assert(
      fc.property(fc.constantFrom(...rangeNames), any, (rangeName, moment) => {
        const { range } = stateOf(new URLSearchParams({ range: rangeName }), moment + 1);
        const before = rangeBefore({ rangeName, range });
        expect(before.end).toBeLessThanOrEqual(range.start);
        expect(before.end - before.start).toBe(range.end - range.start);
      }),
    );
  });
});

it('a stack has every dollar once, in at most seven layers, largest first', () => {
  const cost = fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: null });
  const row = fc.record({ model: fc.string({ maxLength: 2 }), hour: fc.nat(4), cost });
  const rows = fc.uniqueArray(row, {
    selector: ({ model, hour }) => `${model} ${hour}`,
    maxLength: 60,
  });
  fc.assert(
    fc.property(rows, (all) => {
      const stack = stackOf(
        all.map(({ model, hour, cost: usd }) =>
          usageRow({ model, cost_usd: usd, time: `2026-11-22T0${hour}:00:00.000Z` }),
        ),
        'model',
      );
      const told = stack.layers.reduce((sum, layer) => sum + layer.sum, 0);
      const given = all.reduce((sum, one) => sum + (one.cost ?? 0), 0);
      expect(told).toBeCloseTo(given, 3);
      expect(stack.layers.length).toBeLessThanOrEqual(7);
      const own = stack.layers.filter(({ slot }) => slot < 6).map(({ sum }) => sum);
      expect(own).toEqual(own.toSorted((a, b) => b - a));
      for (const { values } of stack.layers) expect(values).toHaveLength(stack.times.length);
    }),
  );
});
