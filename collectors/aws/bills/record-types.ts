import type { RecordType } from '../../../agent/core/bill.ts';

/** Squashed to letters, as Cost Explorer, the console and the CUR spell one thing differently. */
const known: ReadonlyMap<string, RecordType> = new Map(
  Object.entries<RecordType>({
    usage: 'usage',
    discountedusage: 'usage',
    savingsplancoveredusage: 'usage',
    credit: 'credit',
    refund: 'refund',
    tax: 'tax',
    fee: 'fee',
    supportfee: 'fee',
    rifee: 'purchase',
    recurringreservationfee: 'purchase',
    upfrontreservationfee: 'purchase',
    savingsplanrecurringfee: 'purchase',
    savingsplanupfrontfee: 'purchase',
    savingsplannegation: 'discount',
  }),
);

/**
 * What a value of Cost Explorer's RECORD_TYPE is for. `SavingsPlanNegation` takes back what a plan's fee pays for. What
 * has no other name is an adjustment, as `Other out-of-cycle charges`.
 * https://docs.aws.amazon.com/cost-management/latest/userguide/ce-filtering.html
 * https://docs.aws.amazon.com/cur/latest/userguide/Lineitem-columns.html
 */
export function recordTypeOf(value: string): RecordType {
  const squashed = value.toLowerCase().replaceAll(/[^a-z]/g, '');
  const found = known.get(squashed);
  if (found !== undefined) return found;
  return squashed.endsWith('discount') ? 'discount' : 'adjustment';
}
