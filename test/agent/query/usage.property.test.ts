import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Dimension } from '../../../agent/core/dimension.ts';
import type { IdentityRow } from '../../../agent/core/store.ts';
import { dayMs, hourMs, isoUtc, minuteMs } from '../../../agent/core/time.ts';
import { steps } from '../../../agent/query/step.ts';
import { amountNames } from '../../../agent/core/usage.ts';
import { queryUsage, usageColumns } from '../../../agent/query/usage.ts';
import type { UsageQuery, UsageRow } from '../../../agent/query/usage.ts';
import { anyLedger } from '../../support/any-ledger.ts';
import { memoryReader } from '../../support/memory-reader.ts';
import { countUsage } from '../../support/usage-oracle.ts';

/** Two hours before a day and two after it, so that ranges meet it whole, cut and not at all. */
const day = Date.UTC(2026, 10, 22);
const origin = day - 2 * hourMs;
const hours = 28;

const teams = [{ kind: 'tag', tag: 'team' }] as const;

const anyQuery = fc
  .record({
    edges: fc.tuple(anyEdge(), anyEdge()),
    stepMs: fc.constantFrom(...steps),
    groupBy: fc.subarray<Dimension>(['model', 'region', 'team', 'tag.team']),
    models: fc.option(fc.constantFrom(['openai/*'], ['AMAZON/nova-pro', 'x'], ['*'])),
  })
  .map(({ edges: [a, b], models, ...rest }): UsageQuery => ({
    from: Math.min(a, b),
    to: Math.max(a, b) + 1,
    filters: new Map(models === null ? [] : [['model', models] as const]),
    teams,
    ...rest,
  }));

/** Any millisecond, often one at which tables meet. */
function anyEdge() {
  return fc.oneof(
    fc.nat({ max: hours * hourMs }).map((ms) => origin + ms),
    fc.nat({ max: hours }).map((hour) => origin + hour * hourMs),
    fc.constantFrom(day, day + dayMs),
  );
}

const columns = {
  input: 'input_tokens',
  cacheRead: 'cache_read_tokens',
  cacheWrite: 'cache_write_tokens',
  output: 'output_tokens',
  unsplitInput: 'unsplit_input_tokens',
  requests: 'requests',
  errors: 'errors',
  throttles: 'throttles',
} as const;

/** The values a test's grouping can take, read without the code under test. */
const valueOf: Readonly<Record<string, (identity: IdentityRow) => string>> = {
  model: (identity) => identity.model,
  region: (identity) => identity.region,
  team: (identity) => identity.tags['team'] ?? 'unassigned',
  'tag.team': (identity) => identity.tags['team'] ?? '',
};

function patternHolds(value: string, pattern: string): boolean {
  return pattern.endsWith('*')
    ? value.startsWith(pattern.toLowerCase().slice(0, -1))
    : value === pattern.toLowerCase();
}

function sameShare(found: number | null, counted: number | null): boolean {
  if (found === null || counted === null) return found === counted;
  return Math.abs(found - counted) < 1e-9;
}

describe('any query over any ledger', () => {
  it('answers what counting minute by minute answers', async () => {
    await fc.assert(
      fc.asyncProperty(anyLedger(origin, hours), anyQuery, async (ledger, query) => {
        const { rows } = await queryUsage(memoryReader(ledger), query);
        const wanted = query.filters.get('model') ?? ['*'];
        const firstMinute = Math.ceil(query.from / minuteMs) * minuteMs;
        const candidates = ledger.identities.filter(
          (identity) =>
            identity.to > firstMinute &&
            identity.from < query.to &&
            wanted.some((pattern) => patternHolds(identity.model, pattern)),
        );
        const combinations = new Map<string, IdentityRow[]>();
        if (query.groupBy.length === 0) combinations.set('', []);
        for (const identity of candidates) {
          const key = query.groupBy.map((name) => valueOf[name]?.(identity)).join('|');
          combinations.set(key, [...(combinations.get(key) ?? []), identity]);
        }
        const keyOf = (row: UsageRow) =>
          query.groupBy.map((name) => row[name.replace('.', '_')]).join('|');
        const stepMs = query.stepMs === 'total' ? Number.POSITIVE_INFINITY : query.stepMs;
        const found = new Map(rows.map((row) => [`${row.time} ${keyOf(row)}`, row]));
        let expectedRows = 0;
        const wrong: unknown[] = [];
        for (const [key, identities] of combinations) {
          for (const counted of countUsage(ledger, identities, { ...query, stepMs })) {
            expectedRows += 1;
            const row = found.get(`${isoUtc(counted.time)} ${key}`);
            const same =
              row !== undefined &&
              amountNames.every((name) => row[columns[name]] === counted.amounts[name]) &&
              sameShare(row.settled, counted.settled);
            if (!same) wrong.push({ row, counted });
          }
        }
        expect(wrong).toEqual([]);
        expect(rows).toHaveLength(expectedRows);
      }),
      { numRuns: 100 },
    );
  });

  it('has buckets that add up to the total, and groups that add up to all', async () => {
    await fc.assert(
      fc.asyncProperty(anyLedger(origin, hours), anyQuery, async (ledger, query) => {
        const fine = {
          ...ledger,
          amounts: ledger.amounts.filter((row) => row.period === 'minute'),
        };
        const reader = memoryReader(fine);
        const parts = await queryUsage(reader, query);
        const [total] = (await queryUsage(reader, { ...query, groupBy: [], stepMs: 'total' })).rows;
        for (const column of Object.values(columns)) {
          const known = parts.rows.flatMap((row) => row[column] ?? []);
          const sum = known.reduce((all, value) => all + value, 0);
          expect(sum).toBe(total?.[column] ?? 0);
          if (query.stepMs !== 'total') continue;
          expect(known.length === 0).toBe((total?.[column] ?? null) === null);
        }
      }),
    );
  });

  it('answers some columns as it answers all, without the others', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyLedger(origin, hours),
        anyQuery,
        fc.subarray([...usageColumns]),
        async (ledger, query, wanted) => {
          const reader = memoryReader(ledger);
          const whole = await queryUsage(reader, query);
          const some = await queryUsage(reader, query, new Set(wanted));
          const left = new Set<string>(usageColumns.filter((name) => !wanted.includes(name)));
          const cut = whole.rows.map((row) =>
            Object.fromEntries(
              Object.entries(row).filter(([name]) => wanted.length === 0 || !left.has(name)),
            ),
          );
          // As text, so that the order of the columns is among what is the same.
          expect(JSON.stringify(some.rows)).toBe(JSON.stringify(cut));
          expect({ ...some, rows: [] }).toEqual({ ...whole, rows: [] });
        },
      ),
    );
  });

  it('splits at any instant without losing or doubling a minute', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyLedger(origin, hours),
        anyQuery,
        anyEdge(),
        async (ledger, query, cut) => {
          const fine = {
            ...ledger,
            amounts: ledger.amounts.filter((row) => row.period === 'minute'),
          };
          const reader = memoryReader(fine);
          const totalOf = async (from: number, to: number) => {
            if (from >= to) return 0;
            const all = { ...query, from, to, groupBy: [], stepMs: 'total' as const };
            return (await queryUsage(reader, all)).rows[0]?.unpriced_tokens ?? 0;
          };
          const middle = Math.min(Math.max(cut, query.from), query.to);
          const halves = (await totalOf(query.from, middle)) + (await totalOf(middle, query.to));
          expect(halves).toBe(await totalOf(query.from, query.to));
        },
      ),
    );
  });
});
