import type { MeterMeaning, RecordType } from '../core/bill.ts';
import type { StoredBillLine } from '../core/bill-store.ts';
import type { Cloud } from '../core/cloud.ts';
import { scaled } from '../core/decimal.ts';
import { nanoPerUsd } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';
import type { SkipReason } from '../core/price-list.ts';
import type { Instant } from '../core/time.ts';
import { nearest, quotient } from './decimals.ts';
import type { CurrencyWorth } from './inputs.ts';

/** What one meter was billed on one day: its lines, added up. */
export interface BilledMeter {
  readonly day: Instant;
  readonly cloud: Cloud;
  readonly account: string;
  readonly resource: string;
  readonly region: string;
  readonly service: string;
  readonly meter: string;
  readonly recordType: RecordType;
  readonly meaning: MeterMeaning | SkipReason;
  readonly currency: string;
  /** In the vendor's unit, as a number for people; null where any line tells none. */
  readonly quantity: number | null;
  readonly unit: string;
  /** Null of what is not counted in tokens, and where any line tells none. */
  readonly tokens: number | null;
  /** Billionths of the currency. */
  readonly nano: bigint;
  /** Null where no rate of the currency is configured for the day. */
  readonly nanoUsd: NanoUsd | null;
  readonly final: boolean;
}

const nanoPower = 9;

/** A meter for each place, record type, currency and name; the order is that of the first line of each. */
export function billedMeters(
  lines: readonly StoredBillLine[],
  currencies: readonly CurrencyWorth[],
): readonly BilledMeter[] {
  // By the day and the meter's name, which tell most lines apart without a word being put together.
  const days = new Map<Instant, Map<string, Gathered>>();
  const all: Gathered[] = [];
  for (const line of lines) {
    let names = days.get(line.day);
    if (names === undefined) days.set(line.day, (names = new Map()));
    let own = names.get(line.meter);
    const last = own;
    while (own !== undefined && !isSameMeter(own.first, line)) own = own.before;
    if (own === undefined) {
      const fresh: Gathered = { first: line, more: undefined, before: last };
      names.set(line.meter, fresh);
      all.push(fresh);
    } else if (own.more === undefined) {
      own.more = [line];
    } else {
      own.more.push(line);
    }
  }
  return all.map(({ first, more }) =>
    more === undefined ? ofOne(first, currencies) : ofMany(first, [first, ...more], currencies),
  );
}

/** Lines of one meter; mostly it is one line. */
interface Gathered {
  readonly first: StoredBillLine;
  more: StoredBillLine[] | undefined;
  /** Another meter of the same name and day. */
  readonly before: Gathered | undefined;
}

/** Of one day and one name. */
function isSameMeter(a: StoredBillLine, b: StoredBillLine): boolean {
  return (
    a.cloud === b.cloud &&
    a.account === b.account &&
    a.resource === b.resource &&
    a.region === b.region &&
    a.service === b.service &&
    a.meterId === b.meterId &&
    a.recordType === b.recordType &&
    a.currency === b.currency &&
    (a.meaning === b.meaning || JSON.stringify(a.meaning) === JSON.stringify(b.meaning))
  );
}

function ofOne(line: StoredBillLine, currencies: readonly CurrencyWorth[]): BilledMeter {
  const { quantity, meaning, cost, final } = line;
  const tokens =
    quantity !== null && isTokens(meaning) ? tokensOfOne(quantity, meaning.perUnit) : null;
  const told = quantity === null ? null : Number(quantity);
  return meterOf(line, nearest(cost, nanoPower), told, tokens, final, currencies);
}

function ofMany(
  line: StoredBillLine,
  own: readonly StoredBillLine[],
  currencies: readonly CurrencyWorth[],
): BilledMeter {
  const { meaning } = line;
  const nano = own.reduce((sum, { cost }) => sum + nearest(cost, nanoPower), 0n);
  const told = own.flatMap(({ quantity }) => (quantity === null ? [] : [quantity]));
  const isWhole = told.length === own.length;
  const quantity = isWhole ? told.reduce((sum, text) => sum + Number(text), 0) : null;
  const tokens = isWhole && isTokens(meaning) ? tokensOf(told, meaning.perUnit) : null;
  const final = own.every((one) => one.final);
  return meterOf(line, nano, quantity, tokens, final, currencies);
}

function meterOf(
  line: StoredBillLine,
  nano: bigint,
  quantity: number | null,
  tokens: number | null,
  final: boolean,
  currencies: readonly CurrencyWorth[],
): BilledMeter {
  const { day, cloud, account, resource, region, service, meter, recordType, meaning } = line;
  const { currency, unit } = line;
  return {
    day,
    cloud,
    account,
    resource,
    region,
    service,
    meter,
    recordType,
    meaning,
    currency,
    unit,
    quantity,
    tokens,
    nano,
    nanoUsd: currency === 'USD' ? nano : inUsd(nano, worthOn(currency, day, currencies)),
    final,
  };
}

/** Whether it counts tokens of a model. */
export function isTokens(meaning: MeterMeaning | SkipReason): meaning is MeterMeaning {
  return typeof meaning !== 'string' && meaning.item !== 'unit_hour';
}

/** Millionths of a unit, so that parts of a thousand or a million tokens are whole. */
const micro = 1_000_000n;

/** As `tokensOf`, without the digits that no unit needs. */
function tokensOfOne(quantity: string, perUnit: number): number {
  const power = Math.round(Math.log10(perUnit));
  const whole = 10 ** power === perUnit ? scaled(quantity, power) : undefined;
  return whole === undefined ? tokensOf([quantity], perUnit) : Number(whole);
}

function tokensOf(quantities: readonly string[], perUnit: number): number {
  const millionths = quantities.reduce((sum, text) => sum + nearest(text, 12), 0n);
  return Number(quotient(millionths * BigInt(perUnit), micro * micro));
}

function inUsd(nano: bigint, worth: NanoUsd | undefined): NanoUsd | null {
  return worth === undefined ? null : quotient(nano * worth, nanoPerUsd);
}

/** Nano-dollars for one unit; undefined where no rate holds. */
function worthOn(
  currency: string,
  day: Instant,
  currencies: readonly CurrencyWorth[],
): NanoUsd | undefined {
  let newest: CurrencyWorth | undefined;
  for (const one of currencies) {
    if (one.currency !== currency || one.from > day) continue;
    if (newest === undefined || one.from > newest.from) newest = one;
  }
  return newest?.nanoUsd;
}
