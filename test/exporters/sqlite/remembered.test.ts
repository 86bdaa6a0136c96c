import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { budgetStatuses } from '../../../agent/alerts/budgets/statuses.ts';
import { ExternalError } from '../../../agent/core/errors.ts';
import type { Ledger, LedgerReader, UsageReader } from '../../../agent/core/store.ts';
import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { explainCost } from '../../../agent/pricing/cost-lines.ts';
import { createRater } from '../../../agent/pricing/rater.ts';
import { queryCaching } from '../../../agent/query/caching.ts';
import { queryChanges } from '../../../agent/query/changes.ts';
import { openLedger, openLedgerReader } from '../../../exporters/sqlite/ledger.ts';
import { budgetOf, usd } from '../../support/budget-world.ts';
import { memoryBills } from '../../support/bill-world.ts';
import { batchOf, day0, targetOf } from '../../support/ledger-world.ts';
import type { TrueSeries } from '../../support/ledger-world.ts';
import { perMillion, smallPrice } from '../../support/small-prices.ts';

const interpretation = createInterpretation(new Map(), {
  openaiInputIncludesCached: true,
  bedrockInvocations: 'accepted',
});
const hours = 30;
const models = ['us.openai.gpt-5.6-sol', 'openai.gpt-oss-120b-1:0', 'moonshotai.kimi-k2.5'];

/** Another number in every minute; `salt` makes the cloud say something else later. */
function worldOf(salt: number): readonly TrueSeries[] {
  return models.flatMap((ModelId, model) =>
    ['in', 'out', 'read', 'req'].map((rowId, row) => ({
      rowId,
      dimensions: { ModelId },
      values: Array.from(
        { length: hours * 60 },
        (_, minute) => (Math.imul(minute + salt, 2_654_435_761 + model * 7 + row) >>> 20) % 97,
      ),
    })),
  );
}

const regions = ['us-east-1', 'eu-west-1'];
const now = day0 + 2 * dayMs;
const teams: readonly never[] = [];
const budgets = [
  budgetOf({ name: 'all', amount: usd(1), timezone: 'Europe/Berlin' }),
  budgetOf({ name: '{model}', amount: usd(1), forEach: 'model', period: 'week' }),
];

type Step =
  | { readonly kind: 'read'; readonly from: number; readonly length: number; readonly salt: number }
  | { readonly kind: 'listed'; readonly count: number }
  | { readonly kind: 'priced'; readonly input: number }
  | { readonly kind: 'aged' | 'packed' | 'failed' };

function discover(ledger: Ledger, count: number): void {
  const targets = regions.slice(0, count).map((region) => targetOf(worldOf(0), region));
  ledger.recordDiscovery('aws', { scopes: ['aws'], targets, inventory: [], failures: [] }, now);
}

function take(ledger: Ledger, step: Step): void {
  if (step.kind === 'read') {
    const { from, length, salt } = step;
    const window = { start: day0 + from * minuteMs, end: day0 + (from + length) * minuteMs };
    ledger.commit(batchOf(worldOf(salt), window, 60, now + salt));
  } else if (step.kind === 'listed') discover(ledger, step.count);
  else if (step.kind === 'priced') {
    const prices = models.flatMap((name) =>
      (['input', 'output', 'cache_read'] as const).map((item) => {
        const model = name.replace(/^us\./, '').replace('.', '/');
        return smallPrice({ model, item, nanoUsd: perMillion(step.input) });
      }),
    );
    ledger.rateWith(createRater(prices, []), now);
  } else if (step.kind === 'aged') {
    const retention = { minuteSeconds: 86_400, hourSeconds: 86_400 * 30, daySeconds: Infinity };
    while (ledger.age(now, retention).more);
  } else if (step.kind === 'packed') {
    while (ledger.packHours(now));
  } else {
    ledger.recordFailure({
      source: 'aws',
      scope: 'aws/111122223333/us-east-1/AWS/Bedrock',
      error: new ExternalError('no', {
        reason: 'denied',
        operation: 'GetMetricData',
        hint: 'allow it',
      }),
      at: now,
      nextTry: now + hourMs,
    });
  }
}

/** What boards ask, but for what sums say. */
async function answersOf(ledger: LedgerReader) {
  const identities = await ledger.identities();
  const readers = { usage: ledger, cards: ledger, explainCost };
  const common = { groupBy: ['model', 'region'], filters: new Map(), teams } as const;
  const half = 15 * hourMs;
  return {
    sources: await ledger.sources(now),
    coverage: await ledger.coverageByTraffic(3_600),
    cards: await Promise.all(identities.map(({ id }) => ledger.cardsOf(id))),
    changes: await queryChanges(readers, {
      ...common,
      before: { start: day0, end: day0 + half },
      span: { start: day0 + half, end: day0 + 2 * half },
    }),
    caching: await queryCaching(readers, {
      ...common,
      from: day0 + 7 * minuteMs,
      to: day0 + 2 * half,
      stepMs: 'total',
    }),
    budgets: await budgetStatuses({
      reader: ledger,
      bills: memoryBills([]),
      status: ledger,
      clock: { now: () => now },
      budgets,
      teams,
      currencies: [],
    }),
  };
}

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('read' as const),
    from: fc.nat(hours * 60 - 200),
    length: fc.integer({ min: 1, max: 200 }),
    salt: fc.nat(3),
  }),
  fc.record({ kind: fc.constant('listed' as const), count: fc.integer({ min: 1, max: 2 }) }),
  fc.record({ kind: fc.constant('priced' as const), input: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constantFrom('aged' as const, 'packed' as const, 'failed' as const) }),
);

test('what is remembered answers as what is read anew does, whatever was read, listed, priced or aged', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      const folder = mkdtempSync(join(tmpdir(), 'crossbill-remembered-'));
      const path = join(folder, 'ledger.db');
      const ledger = openLedger(path, interpretation, day0);
      discover(ledger, 1);
      take(ledger, { kind: 'read', from: 0, length: 20 * 60, salt: 0 });
      await answersOf(ledger);
      for (const one of steps) {
        take(ledger, one);
        // One that is opened now remembers nothing.
        const anew = openLedgerReader(path, interpretation);
        const slowly = await answersOf(anew);
        anew.close();
        expect(await answersOf(ledger)).toEqual(slowly);
        expect(await answersOf(ledger)).toEqual(slowly);
      }
      ledger.close();
      rmSync(folder, { recursive: true });
    }),
    { numRuns: 6 },
  );
});

test('a source is read further after every poll, and asked anew after every listing', async () => {
  const ledger = openLedger(':memory:', interpretation, day0);
  const said = async () => {
    const found = await ledger.sources(now);
    return found.map(({ watermark, units }) => [watermark, units]);
  };
  discover(ledger, 1);
  const units = worldOf(0).length;
  expect(await said()).toEqual([[null, units]]);
  for (const hour of [0, 1, 2]) {
    take(ledger, { kind: 'read', from: hour * 60, length: 60, salt: 0 });
    expect(await said()).toEqual([[day0 + (hour + 1) * hourMs, units]]);
  }
  discover(ledger, 2);
  expect(await said()).toEqual([
    [null, units],
    [day0 + 3 * hourMs, units],
  ]);
  ledger.close();
});

test('the hours of a day are what sums of every hour add up to, with gaps and without', async () => {
  const ledger = openLedger(':memory:', interpretation, day0);
  discover(ledger, 1);
  take(ledger, { kind: 'read', from: 0, length: 10 * 60, salt: 0 });
  take(ledger, { kind: 'read', from: 13 * 60, length: 17 * 60, salt: 1 });
  const ids = (await ledger.identities()).map(({ id }) => id);
  for (const [from, to] of [
    [0, 10],
    [2, 30],
    [0, 48],
  ] as const) {
    const window = { start: day0 + from * hourMs, end: day0 + to * hourMs };
    const sets = [ids.slice(0, 1), ids.slice(1), []];
    expect(await ledger.hoursOfDay?.({ sets, window })).toEqual(await bySums(ledger, sets, window));
  }
  ledger.close();
});

async function bySums(
  ledger: UsageReader,
  sets: readonly (readonly number[])[],
  window: { readonly start: number; readonly end: number },
): Promise<readonly Float64Array[]> {
  const hoursOf = sets.map(() => new Float64Array(24));
  for (const row of await ledger.sums({ grain: 'hour', bucketMs: hourMs, window, sets })) {
    const hour = (row.bucket % dayMs) / hourMs;
    const tokens = [row.input, row.cacheRead, row.cacheWrite, row.output, row.unsplitInput];
    const own = hoursOf[row.set] ?? new Float64Array(24);
    own[hour] = (own[hour] ?? 0) + tokens.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  }
  expect(hoursOf[0]?.some((tokens) => tokens > 0)).toBe(true);
  return hoursOf;
}
