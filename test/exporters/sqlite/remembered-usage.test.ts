import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Dimension } from '../../../agent/core/dimension.ts';
import type { Ledger, LedgerReader } from '../../../agent/core/store.ts';
import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { createRater } from '../../../agent/pricing/rater.ts';
import type { TeamRule } from '../../../agent/query/dimensions.ts';
import type { Step } from '../../../agent/query/step.ts';
import { queryUsage, usageColumns } from '../../../agent/query/usage.ts';
import type { UsageRow } from '../../../agent/query/usage.ts';
import { openLedger, openLedgerReader } from '../../../exporters/sqlite/ledger.ts';
import { batchOf, day0, targetOf } from '../../support/ledger-world.ts';
import type { TrueSeries } from '../../support/ledger-world.ts';
import { perMillion, smallPrice } from '../../support/small-prices.ts';

const interpretation = createInterpretation(new Map(), {
  openaiInputIncludesCached: true,
  bedrockInvocations: 'accepted',
});
const hours = 30;
const now = day0 + 2 * dayMs;
const models = [
  'us.openai.gpt-5.6-sol',
  'openai.gpt-oss-120b-1:0',
  'openai.gpt-oss-20b-1:0',
  'moonshotai.kimi-k2.5',
  'amazon.nova-pro-v1:0',
];
const teams: readonly TeamRule[] = [{ kind: 'named', name: 'one', match: { model: ['openai/*'] } }];

/** Another number in every minute; `salt` makes the cloud say something else later. */
function worldOf(salt: number): readonly TrueSeries[] {
  return models.flatMap((ModelId, model) =>
    ['in', 'out', 'req'].map((rowId, row) => ({
      rowId,
      dimensions: { ModelId },
      values: Array.from(
        { length: hours * 60 },
        (_, minute) => (Math.imul(minute + salt, 2_654_435_761 + model * 7 + row) >>> 20) % 97,
      ),
    })),
  );
}

type Change =
  | { readonly kind: 'read'; readonly from: number; readonly length: number; readonly salt: number }
  | { readonly kind: 'listed' | 'priced' | 'aged' };

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    kind: fc.constant('read' as const),
    from: fc.nat(hours * 60 - 200),
    length: fc.integer({ min: 1, max: 200 }),
    salt: fc.nat(3),
  }),
  fc.record({ kind: fc.constantFrom('listed' as const, 'priced' as const, 'aged' as const) }),
);

function make(ledger: Ledger, one: Change): void {
  if (one.kind === 'read') {
    const { from, length, salt } = one;
    const window = { start: day0 + from * minuteMs, end: day0 + (from + length) * minuteMs };
    ledger.commit(batchOf(worldOf(salt), window, 60, now + salt));
  } else if (one.kind === 'listed') {
    const targets = ['us-east-1', 'eu-west-1'].map((region) => targetOf(worldOf(0), region));
    ledger.recordDiscovery('aws', { scopes: ['aws'], targets, inventory: [], failures: [] }, now);
  } else if (one.kind === 'priced') {
    const prices = (['input', 'output'] as const).map((item) =>
      smallPrice({ model: 'openai/gpt-5.6-sol', item, nanoUsd: perMillion(2) }),
    );
    ledger.rateWith(createRater(prices, []), now);
  } else {
    const retention = { minuteSeconds: 86_400, hourSeconds: 86_400 * 30, daySeconds: Infinity };
    while (ledger.age(now, retention).more);
  }
}

/** What boards ask as the minutes go by: ranges that begin and end within an hour, by total, hour and day. */
async function answersOf(ledger: LedgerReader, minute: number) {
  const groupings: readonly (readonly Dimension[])[] = [[], ['model'], ['team', 'region']];
  const steps: readonly Step[] = ['total', 3_600_000, 86_400_000];
  const ends = [day0 + 26 * hourMs + minute * minuteMs, now];
  const answers = [];
  for (const groupBy of groupings) {
    for (const stepMs of steps) {
      for (const to of ends) {
        const from = day0 + hourMs + minute * minuteMs;
        const filters = new Map<Dimension, readonly string[]>([['cloud', ['*']]]);
        const query = { from, to, stepMs, groupBy, filters, teams };
        const whole = await queryUsage(ledger, query);
        answers.push(whole);
        if (to !== now) continue;
        // Other ones each time: what was read for some is there for the others, too.
        const name = usageColumns[(minute + answers.length) % usageColumns.length] ?? 'settled';
        const one = await queryUsage(ledger, query, new Set([name]));
        expect(one.rows).toEqual(whole.rows.map((row) => cutTo(row, name, groupBy)));
      }
    }
  }
  return answers;
}

function cutTo(row: UsageRow, name: string, groupBy: readonly Dimension[]) {
  return Object.fromEntries(['time', ...groupBy, name].map((column) => [column, row[column]]));
}

test('usage is told as one tells it who remembers nothing, whatever was read, listed, priced or aged', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 5 }), async (changes) => {
      const folder = mkdtempSync(join(tmpdir(), 'crossbill-remembered-'));
      const path = join(folder, 'ledger.db');
      const ledger = openLedger(path, interpretation, day0);
      make(ledger, { kind: 'listed' });
      make(ledger, { kind: 'read', from: 0, length: hours * 60, salt: 0 });
      for (const [turn, one] of changes.entries()) {
        // Asked twice, what sets came to is remembered.
        await answersOf(ledger, turn);
        await answersOf(ledger, turn);
        make(ledger, one);
        const anew = openLedgerReader(path, interpretation);
        const slowly = await answersOf(anew, turn + 1);
        anew.close();
        expect(await answersOf(ledger, turn + 1)).toEqual(slowly);
      }
      ledger.close();
      rmSync(folder, { recursive: true });
    }),
    { numRuns: 3 },
  );
});
