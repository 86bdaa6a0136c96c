import type { AuditClass } from '../core/audit.ts';
import type { RecordType } from '../core/bill.ts';
import type { Cloud } from '../core/cloud.ts';
import type { NanoUsd } from '../core/money.ts';
import type { Price, PriceItem } from '../core/price.ts';
import type { SkipReason } from '../core/price-list.ts';
import type { Instant } from '../core/time.ts';
import type { CachedReading } from './cached.ts';
import type { InputContract } from './inputs.ts';
import type { CostRange } from './rates.ts';
import { classMeaning } from './rules.ts';

/** What was taken to hold beside the contract of the input meter. */
export type Note =
  | 'by_share'
  | 'many_places'
  | 'split_by_bill'
  | 'told_differently'
  | 'price_range'
  | 'price_changed';

/** One row of the audit, exact. */
export interface Finding {
  readonly day: Instant;
  readonly cloud: Cloud;
  readonly account: string;
  readonly resource: string;
  readonly region: string;
  readonly model: string;
  readonly meter: string;
  readonly item: PriceItem | null;
  readonly class: AuditClass;
  /** Null: nothing is billed. */
  readonly recordType: RecordType | null;
  /** Why it is no meter of a model; null where it is one. */
  readonly skipped: SkipReason | null;
  /** Tokens. */
  readonly metered: number | null;
  readonly billed: number | null;
  readonly quantity: { readonly value: number; readonly unit: string } | null;
  readonly cost: CostRange | null;
  /** Billionths of the currency. */
  readonly billedNano: bigint | null;
  readonly billedNanoUsd: NanoUsd | null;
  readonly currency: string;
  readonly driftTokens: number | null;
  readonly driftNanoUsd: NanoUsd | null;
  /** Of input meters of a model-day with billed cached tokens. */
  readonly reading: CachedReading | null;
  /** What of the billed amount is for tokens that their own meters count too. Billionths of the currency. */
  readonly excessNano: bigint | null;
  /** Of an input meter; null of another, and where no meter was read. */
  readonly contract: InputContract | null;
  readonly notes: readonly Note[];
  /** The price that the billed amount would fit. */
  readonly fit: Price | null;
}

/** Billed dollars that nothing explains; never more than is billed, never less than nothing. */
export function unexplainedOf(finding: Finding): NanoUsd {
  const { billedNanoUsd, driftNanoUsd, excessNano, currency } = finding;
  if (billedNanoUsd === null || classMeaning[finding.class].leaves !== 'drift') return 0n;
  const excess = currency === 'USD' ? excessNano : null;
  const drift = driftNanoUsd ?? excess ?? billedNanoUsd;
  if (drift <= 0n || billedNanoUsd <= 0n) return 0n;
  return drift < billedNanoUsd ? drift : billedNanoUsd;
}

/** Billed dollars of which nobody can say yet. */
export function pendingOf(finding: Finding): NanoUsd {
  return classMeaning[finding.class].leaves === 'pending' ? (finding.billedNanoUsd ?? 0n) : 0n;
}
