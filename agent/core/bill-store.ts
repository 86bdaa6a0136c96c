import type { BillLine, BillScope, BillSource, BillStatement } from './bill.ts';
import type { Cloud } from './cloud.ts';
import type { Instant, Window } from './time.ts';

/** A billed line as the ledger keeps it. */
export interface StoredBillLine extends BillLine {
  readonly cloud: Cloud;
  readonly source: BillSource;
  readonly scope: string;
  /** Not expected to change. */
  readonly final: boolean;
  /** When its day was fetched last. */
  readonly fetchedAt: Instant;
}

/** Days that a source told of a scope. Sorted, disjoint by scope and source. */
export interface BilledDays extends Window {
  readonly source: BillSource;
  readonly cloud: Cloud;
  readonly scope: string;
  readonly finalUntil: Instant;
  readonly fetchedAt: Instant;
}

export interface BillWriter {
  /**
   * Deletes what the source said of the scope's days and writes what it says now, in one transaction. Throws a RangeError,
   * and writes nothing, where days are not whole, a line lies outside them, or an amount is no decimal text.
   */
  recordBill(statement: BillStatement): void;
}

/** How asking for bills goes, for people; the loop reads none of it back. */
export interface BillStatusWriter {
  /** The scopes that a configured source asks for from now on; it asks for no other any more. */
  recordBillScopes(name: string, cloud: Cloud, scopes: readonly BillScope[]): void;
  /** When the scope is asked next; `slowed` says what waits, why and what to do, null where nothing does. */
  recordBillPace(
    scope: Pick<BillScope, 'source' | 'scope'>,
    next: Instant,
    slowed: string | null,
  ): void;
}

export interface BillReader {
  /**
   * The bill of whole UTC days, by day, account, resource, service and meter: of each account's day what the first of
   * `billSources` says that tells it (`chooseBill`), and nothing of the others. With `source`, what that source says.
   */
  bills(days: Window, source?: BillSource): Promise<readonly StoredBillLine[]>;
  /** Every span of days that was ever told and is kept. */
  billedDays(): Promise<readonly BilledDays[]>;
}
