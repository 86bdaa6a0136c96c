import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { budgetStatuses } from '../../../../agent/alerts/budgets/statuses.ts';
import type { SumRow, SumTable, UsageReader } from '../../../../agent/core/store.ts';
import { dayMs, hourMs, minuteMs } from '../../../../agent/core/time.ts';
import { byAmount } from '../../../../agent/query/by-amount.ts';
import { filtersOf } from '../../../../agent/query/dimensions.ts';
import { queryUsage } from '../../../../agent/query/usage.ts';
import { budgetWorld } from '../../../support/budget-world.ts';

const teams = ['search', 'chat', 'ops'];
const models = ['openai/gpt-5.4', 'openai/gpt-4.1-mini', 'anthropic/claude-sonnet-4.6'];

const world = fc.record({
  // Around the ends of summer time in Berlin and New York, month ends among them.
  now: fc
    .integer({ min: Date.UTC(2026, 9, 20) / minuteMs, max: Date.UTC(2026, 10, 12) / minuteMs })
    .map((minutes) => minutes * minuteMs),
  traffics: fc.array(
    fc.record({
      team: fc.constantFrom(...teams),
      model: fc.constantFrom(...models),
      phase: fc.integer({ min: 0, max: 4 }),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  period: fc.constantFrom('day', 'week', 'month', 'quarter'),
  timezone: fc.constantFrom(
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Asia/Tokyo',
    'Africa/Cairo',
  ),
  match: fc.constantFrom({}, { team: ['search'] }, { model: ['openai/*'], team: ['chat', 'ops'] }),
  unit: fc.constantFrom('USD', 'tokens'),
});

describe('what a budget has spent', () => {
  it('is what a query of its period adds up, and each of for_each adds up to the whole', async () => {
    await fc.assert(
      fc.asyncProperty(world, async ({ now, traffics, period, timezone, match, unit }) => {
        const amount =
          unit === 'USD' ? { unit, nanoUsd: 1n } : ({ unit: 'tokens', tokens: 1 } as const);
        const common = { amount, period, timezone, match };
        const deps = budgetWorld({
          now,
          days: 45,
          traffics: traffics.map(({ team, model, phase }) => ({
            identity: { model, tags: { team } },
            usd: (hour) => ((hour / hourMs) % 5 === phase ? undefined : (hour / hourMs) % 7),
            // As a ledger that keeps minutes for a while.
            minutes: { start: now - dayMs, end: now },
          })),
          budgets: [
            { name: 'one', ...common },
            { name: '{team}', forEach: 'team', ...common },
          ],
        });
        const [one, ...each] = await budgetStatuses(deps);
        const { rows } = await queryUsage(deps.reader, {
          from: one?.period.start ?? 0,
          to: now,
          stepMs: 'total',
          groupBy: [],
          filters: filtersOf(match),
          teams: deps.teams,
        });
        const [row] = rows;
        const known =
          unit === 'USD' ? row?.cost_usd : (row?.input_tokens ?? 0) + (row?.output_tokens ?? 0);
        expect(one?.spent ?? 0).toBeCloseTo(known ?? 0, 6);
        expect(each.reduce((sum, { spent }) => sum + (spent ?? 0), 0)).toBeCloseTo(known ?? 0, 6);
      }),
      { numRuns: 15 },
    );
  });

  it('is the same where a ledger has tables of sums, and whatever was asked before', async () => {
    await fc.assert(
      fc.asyncProperty(world, async ({ now, traffics, period, timezone, match, unit }) => {
        const amount =
          unit === 'USD' ? { unit, nanoUsd: 1n } : ({ unit: 'tokens', tokens: 1 } as const);
        const common = { amount, period, timezone, match };
        const { reader, ...deps } = budgetWorld({
          now,
          days: 45,
          traffics: traffics.map(({ team, model, phase }) => ({
            identity: { model, tags: { team } },
            usd: (hour) => ((hour / hourMs) % 5 === phase ? undefined : (hour / hourMs) % 7),
            minutes: { start: now - dayMs, end: now },
          })),
          budgets: [
            { name: 'one', ...common },
            { name: '{team}', forEach: 'team', ...common },
          ],
        });
        const withTables = { ...deps, reader: { ...reader, sumTable: tablesOver(reader) } };
        // The end of summer time, of a day, of a week and of a month among them.
        for (const later of [0, hourMs, dayMs, 9 * dayMs, 32 * dayMs]) {
          const clock = { now: () => now + later };
          // Budgets that nobody asked about before.
          const anew = { ...deps, reader, clock, budgets: [...deps.budgets] };
          expect(await budgetStatuses({ ...withTables, clock })).toEqual(
            await budgetStatuses(anew),
          );
        }
      }),
      { numRuns: 10 },
    );
  });
});

/** Sums as a table, from the rows of them. */
function tablesOver(reader: UsageReader): Required<UsageReader>['sumTable'] {
  return async (query) => {
    const rows = await reader.sums(query);
    const { window, bucketMs, sets } = query;
    const first = bucketMs === 0 ? window.start : Math.floor(window.start / bucketMs) * bucketMs;
    const buckets = bucketMs === 0 ? 1 : Math.ceil((window.end - first) / bucketMs);
    const column = (name: Exclude<keyof SumRow, 'set' | 'bucket'>) => {
      const numbers = new Float64Array(sets.length * buckets).fill(Number.NaN);
      for (const row of rows) {
        const bucket = bucketMs === 0 ? 0 : (row.bucket - first) / bucketMs;
        numbers[row.set * buckets + bucket] = Number(row[name] ?? Number.NaN);
      }
      return numbers;
    };
    const table: SumTable = {
      first,
      buckets,
      amounts: byAmount(column),
      costs: {
        cost: column('cost'),
        costLow: column('costLow'),
        costHigh: column('costHigh'),
        unpricedTokens: column('unpricedTokens'),
      },
    };
    return table;
  };
}
