import type { NamedTraffic } from './ledger-rows.ts';
import type { NanoUsd } from './money.ts';
import type { Instant, Window } from './time.ts';
import type { Amounts } from './usage.ts';

/** Dollars times ten to the 21st: what a quantity and a unit price of the ledger multiply to without rounding. */
export type ZeptoUsd = bigint;
export const zeptoUsdScale = 21;
export const zeptoPerNano = 1_000_000_000_000n;

/** Unit-hours times ten to the 12th. */
export type PicoHours = bigint;

/** Whether a final bill of the account's day is in the ledger, one that may change, or none. */
export type InvoiceStatus = 'final' | 'provisional' | 'none';

/** Whose charge, when, and how sure. */
interface ChargeFacts {
  /** Lies in one calendar month, and in one step of the export; shorter than that where a price changed within it. */
  readonly period: Window;
  readonly of: NamedTraffic;
  readonly team: string;
  /** Share of the period that was read after the last change the cloud may make, 0 to 1; null: not known. */
  readonly settled: number | null;
  readonly invoice: InvoiceStatus;
  readonly low: ZeptoUsd;
  readonly high: ZeptoUsd;
}

export type ChargedAmount = Exclude<keyof Amounts, 'requests' | 'errors' | 'throttles'>;

/** Tokens of one kind at one price. They cost tokens × rate, exactly. */
export interface TokenCharge extends ChargeFacts {
  readonly kind: 'tokens';
  readonly amount: ChargedAmount;
  readonly tokens: number;
  /** For a million tokens: what is taken to hold, after any discount. Zero of provisioned capacity. */
  readonly rate: NanoUsd;
  /** The same before any discount. */
  readonly listRate: NanoUsd;
  readonly perToken: boolean;
}

/** Provisioned capacity that its user bears, or that stood idle. It costs hours × rate, exactly. */
export interface CapacityCharge extends ChargeFacts {
  readonly kind: 'capacity';
  readonly line: 'used' | 'idle';
  readonly sku: string;
  readonly unitHours: PicoHours;
  /** For a unit-hour. */
  readonly rate: NanoUsd;
}

/**
 * What the ledger's cost differs by from the products of the other charges, so that all together are the ledger's, to the
 * nano-dollar. `rounding`: the ledger rounds every minute, of an account's month. `difference`: of one traffic, more than
 * rounding can make, where the amounts on either side of a change of prices are not kept any more.
 */
export interface DifferenceCharge extends ChargeFacts {
  readonly kind: 'rounding' | 'difference';
  readonly cost: ZeptoUsd;
}

export type Charge = TokenCharge | CapacityCharge | DifferenceCharge;

/** Charges that are read together, oldest first. */
export interface ChargePage {
  readonly charges: readonly Charge[];
  /** Tokens of the page that have no price and no charge: unpriced is not free. */
  readonly unpricedTokens: number;
  /** Unit-hours of capacity of the same kind. */
  readonly unpricedUnitHours: number;
  /** Up to here the range is told. */
  readonly until: Instant;
}

/** The charges of a range, read a page at a time when the next one is asked for. */
export type ChargeSource = AsyncIterable<ChargePage>;
