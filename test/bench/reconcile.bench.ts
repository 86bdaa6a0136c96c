import { bench, describe } from 'vitest';
import type { StoredBillLine } from '../../agent/core/bill-store.ts';
import { dayMs } from '../../agent/core/time.ts';
import type { MeteredDay } from '../../agent/reconcile/inputs.ts';
import { reconcile } from '../../agent/reconcile/reconcile.ts';
import { auditSummary } from '../../agent/reconcile/summary.ts';
import { billedTokens, cardOf, inputOf, meteredDay, october1 } from '../agent/reconcile/days.ts';

/** Thirteen months of 200 billed meters: 50 models of four token types. The pure part, findings and summary. */
const dayCount = 396;
const models = Array.from({ length: 50 }, (_, at) => `openai/model-${at}`);
const dollars = { input: 5, cache_read: 0.5, cache_write: 6.25, output: 30 };
const cards = [cardOf(dollars)];
const days = Array.from({ length: dayCount }, (_, at) => october1 + at * dayMs);

const metered: readonly MeteredDay[] = days.flatMap((day) =>
  models.map((model, at) =>
    meteredDay({
      day,
      model,
      cards,
      input: 100_000 + at,
      cacheRead: 50_000,
      cacheWrite: 5_000,
      output: 9_000,
    }),
  ),
);

const billed: readonly StoredBillLine[] = days.flatMap((day) =>
  models.flatMap((model, at) =>
    billedTokens(
      { input: 155_000 + at, cache_read: 50_000, cache_write: 5_000, output: 9_000 },
      dollars,
      { day },
      { model },
    ).map((line) => ({ ...line, meter: `${line.meter} ${model}` })),
  ),
);

const input = inputOf({ metered, billed });
const span = { start: october1, end: october1 + dayCount * dayMs };

describe('reconcile', () => {
  bench(
    `${billed.length} billed lines against ${metered.length} metered model-days`,
    () => {
      auditSummary(reconcile(input), span);
    },
    { iterations: 3, warmupIterations: 1, time: 0 },
  );
});
