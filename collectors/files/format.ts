import type { BillSource, RecordType } from '../../agent/core/bill.ts';
import type { Cloud } from '../../agent/core/cloud.ts';
import type { Exact } from '../../agent/core/decimal-sum.ts';
import type { Instant } from '../../agent/core/time.ts';
import type { LeftOut } from '../../agent/core/bill-file.ts';
import type { Row } from './row.ts';

/** Whose row it is. */
export type RowOwner =
  | { readonly kind: 'left_out'; readonly reason: 'other_provider'; readonly name: string }
  | {
      readonly kind: 'owned';
      readonly cloud: Cloud;
      /** The billing account. */
      readonly scope: string;
      readonly periodStart: Instant;
      readonly periodEnd: Instant;
      /** Empty where it is on no invoice yet, or the file does not tell. */
      readonly invoice: string;
      /** Undefined: it is of a service that serves models. */
      readonly leftOut: { readonly reason: LeftOut; readonly name: string } | undefined;
    };

/** What a row of a model's service says, before days are added up. */
export interface Charge {
  readonly start: Instant;
  readonly account: string;
  readonly region: string;
  readonly resource: string;
  readonly service: string;
  readonly meter: string;
  readonly meterId: string;
  /** Azure's product; empty else. */
  readonly product: string;
  readonly recordType: RecordType;
  readonly quantity: Exact | null;
  readonly unit: string;
  readonly cost: Exact;
  readonly amortizedCost: Exact | null;
  readonly currency: string;
}

/** One kind of billing file: what its columns are called and mean. */
export interface BillFormat {
  readonly name: 'aws_cur' | 'focus';
  /** As people call it. */
  readonly title: string;
  readonly source: BillSource;
  readonly required: readonly string[];
  /** Of each of these lists the file must have one column. */
  readonly oneOf: readonly (readonly string[])[];
  readonly optional: readonly string[];
  /** The columns that `owner` looks at: all that is read of a row that is left out. */
  readonly ownerColumns: readonly string[];
  /** The column of a charge's start. */
  readonly chargeStart: string;
  /** The column of a billing period's end. */
  readonly periodEnd: string;
  owner(row: Row): RowOwner;
  charge(row: Row): Charge;
}
