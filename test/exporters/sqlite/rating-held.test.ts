import fc from 'fast-check';
import { expect, it } from 'vitest';
import { day0, batchOf, targetOf } from '../../support/ledger-world.ts';
import type { TrueSeries } from '../../support/ledger-world.ts';
import { perMillion, smallPrice } from '../../support/small-prices.ts';
import type { Rater } from '../../../agent/core/rating.ts';
import type { UsageBatch } from '../../../agent/core/store.ts';
import { minuteMs } from '../../../agent/core/time.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { createRater } from '../../../agent/pricing/rater.ts';
import { openLedger } from '../../../exporters/sqlite/ledger.ts';

const minutes = 8;
const window = { start: day0, end: day0 + minutes * minuteMs };
const readAt = window.end + 60 * minuteMs;
const model = 'openai/gpt-5.6-sol';
const threshold = 1_000;
const interpretation = createInterpretation(new Map(), {
  openaiInputIncludesCached: true,
  bedrockInvocations: 'accepted',
});

/** Long requests cost twice as much, so whether a minute may hold one decides its cost. */
const rater = createRater(
  (['input', 'cache_read', 'output'] as const).flatMap((item) =>
    (['short', 'long'] as const).map((band) =>
      smallPrice({
        model,
        item,
        band,
        thresholdTokens: threshold,
        nanoUsd: perMillion(band === 'short' ? 1 : 2),
      }),
    ),
  ),
  [],
);

/** The batch as a cloud tells it that has a largest value of some minutes beside the sums. */
function withLargest(batch: UsageBatch, largest: readonly (number | null)[]): UsageBatch {
  return {
    ...batch,
    readings: batch.readings.map((readings) => {
      const max = readings.starts.map((start) => largest[(start - day0) / minuteMs] ?? null);
      return { ...readings, columns: { ...readings.columns, max } };
    }),
  };
}

async function costsOf(world: readonly TrueSeries[], batches: readonly UsageBatch[], at?: Rater) {
  const ledger = openLedger(':memory:', interpretation, day0);
  try {
    if (at !== undefined) ledger.rateWith(at, day0);
    const targets = [targetOf(world)];
    ledger.recordDiscovery('aws', { scopes: ['aws'], targets, inventory: [], failures: [] }, day0);
    for (const batch of batches) ledger.commit(batch);
    if (at === undefined) ledger.rateWith(rater, readAt);
    const identityIds = (await ledger.identities()).map(({ id }) => id);
    return await ledger.amounts({ grain: 'minute', identityIds, window, bucketMs: minuteMs });
  } finally {
    ledger.close();
  }
}

it('a minute costs the same by the readings in hand as by those in the file', async () => {
  const tokens = fc.array(fc.constantFrom(0, 10, 900, 1_001, 5_000), {
    minLength: minutes,
    maxLength: minutes,
  });
  const largest = fc.array(fc.constantFrom(null, 5, 600, 1_001), {
    minLength: minutes,
    maxLength: minutes,
  });
  const anyRead = fc.record({ input: tokens, read: tokens, output: tokens, largest });
  await fc.assert(
    fc.asyncProperty(fc.array(anyRead, { minLength: 1, maxLength: 3 }), async (reads) => {
      const worlds = reads.map(({ input, read, output }) =>
        (
          [
            ['in', input],
            ['read', read],
            ['out', output],
          ] as const
        ).map(([rowId, values]) => ({
          rowId,
          values,
          dimensions: { ModelId: 'openai.gpt-5.6-sol' },
        })),
      );
      const batches = worlds.map((world, i) =>
        withLargest(batchOf(world, window, 60, readAt), reads[i]?.largest ?? []),
      );
      const [world] = worlds;
      const atCommit = await costsOf(world ?? [], batches, rater);
      expect(atCommit).toEqual(await costsOf(world ?? [], batches));
    }),
    { numRuns: 20 },
  );
});
