import type { AmountRow, IdentityRow, UsageReader } from '../core/store.ts';
import { amountOfSum } from './amount-of-sum.ts';
import { cardAt, cutsWithin } from './charge-rates.ts';
import { partsOf } from './charge-rows.ts';
import type { CardsOf, MeteredRow } from './charge-rows.ts';
import { setsOfOne } from './living.ts';
import { bucketAt, bucketWindow } from './plan.ts';
import type { Plan } from './plan.ts';

/** What is known of a sum, which tells no peak. */
export type SummedAmounts = Omit<AmountRow, 'identityId' | 'peakTokens'>;

export interface SummedRow extends Pick<MeteredRow, 'of' | 'card'> {
  readonly row: SummedAmounts;
}

/** Out of sums, as `amounts` would tell them. */
function amountsOfSums(usage: Pick<UsageReader, 'sums'>): Pick<UsageReader, 'amounts'> {
  return {
    async amounts({ grain, window, bucketMs, identityIds }) {
      const sets = identityIds.map((id) => [id]);
      const rows = await usage.sums({ grain, window, bucketMs, sets });
      return rows.map((row) => amountOfSum(row, identityIds[row.set] ?? 0));
    },
  };
}

/**
 * As `meteredRows`, out of sums, which stay in memory: for questions that are asked again and again of everybody.
 * @param metered identities that meters tell of
 */
export async function summedRows(
  usage: Pick<UsageReader, 'sums'>,
  metered: readonly IdentityRow[],
  plan: Plan,
  cardsOf: CardsOf,
): Promise<readonly SummedRow[]> {
  if (metered.length === 0) return [];
  const bucketMs = plan.step === 'total' ? 0 : plan.step;
  const sets = setsOfOne(metered);
  const pages = await Promise.all(
    plan.segments.map(({ grain, window }) => usage.sums({ grain, window, bucketMs, sets })),
  );
  const places = pages.map(() => 0);
  const found: SummedRow[] = [];
  for (const [set, of] of metered.entries()) {
    const spans = await cardsOf(of.id);
    for (const [number, page] of pages.entries()) {
      // Rows come by set, then by bucket, and one page after the other is later.
      let place = places[number] ?? 0;
      for (let row = page[place]; row?.set === set; row = page[place]) {
        place += 1;
        const period = bucketWindow(plan, bucketAt(plan, row.bucket));
        const whole = { row, of, card: cardAt(spans, period.start) };
        const cuts = spans.length === 0 ? noCuts : cutsWithin(spans, period, Number(plan.step));
        if (cuts.length === 0) found.push(whole);
        else {
          const one = { ...whole, row: amountOfSum(row, of.id), period };
          found.push(...(await partsOf(amountsOfSums(usage), one, plan, spans, cuts)));
        }
      }
      places[number] = place;
    }
  }
  return found;
}

const noCuts: ReturnType<typeof cutsWithin> = [];
