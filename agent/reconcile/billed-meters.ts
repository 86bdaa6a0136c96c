import type { MeterMeaning, RecordType } from '../core/bill.ts';
import type { StoredBillLine } from '../core/bill-store.ts';
import type { Cloud } from '../core/cloud.ts';
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
  const days = new Map<Instant, Map<string, StoredBillLine[][]>>();
  const all: StoredBillLine[][] = [];
  for (const line of lines) {
    let names = days.get(line.day);
    if (names === undefined) days.set(line.day, (names = new Map()));
    let named = names.get(line.meter);
    if (named === undefined) names.set(line.meter, (named = []));
    const own = named.find(([first]) => first !== undefined && isSameMeter(first, line));
    if (own !== undefined) {
      own.push(line);
      continue;
    }
    const fresh = [line];
    named.push(fresh);
    all.push(fresh);
  }
  return all.flatMap((own) => {
    const [first] = own;
    return first === undefined ? [] : [meterOf(first, own, currencies)];
  });
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

function meterOf(
  line: StoredBillLine,
  own: readonly StoredBillLine[],
  currencies: readonly CurrencyWorth[],
): BilledMeter {
  const { day, cloud, account, resource, region, service, meter, recordType, meaning } = line;
  const { currency, unit } = line;
  const nano = own.reduce((sum, { cost }) => sum + nearest(cost, nanoPower), 0n);
  const told = own.flatMap(({ quantity }) => (quantity === null ? [] : [quantity]));
  const isWhole = told.length === own.length;
  const worth = worthOn(currency, day, currencies);
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
    quantity: isWhole ? told.reduce((sum, text) => sum + Number(text), 0) : null,
    tokens: isWhole && isTokens(meaning) ? tokensOf(told, meaning.perUnit) : null,
    nano,
    nanoUsd: worth === undefined ? null : quotient(nano * worth, nanoPerUsd),
    final: own.every((one) => one.final),
  };
}

/** Whether it counts tokens of a model. */
export function isTokens(meaning: MeterMeaning | SkipReason): meaning is MeterMeaning {
  return typeof meaning !== 'string' && meaning.item !== 'unit_hour';
}

/** Millionths of a unit, so that parts of a thousand or a million tokens are whole. */
const micro = 1_000_000n;

function tokensOf(quantities: readonly string[], perUnit: number): number {
  const millionths = quantities.reduce((sum, text) => sum + nearest(text, 12), 0n);
  return Number(quotient(millionths * BigInt(perUnit), micro * micro));
}

/** Nano-dollars for one unit; undefined where no rate holds. */
function worthOn(
  currency: string,
  day: Instant,
  currencies: readonly CurrencyWorth[],
): NanoUsd | undefined {
  if (currency === 'USD') return nanoPerUsd;
  let newest: CurrencyWorth | undefined;
  for (const one of currencies) {
    if (one.currency !== currency || one.from > day) continue;
    if (newest === undefined || one.from > newest.from) newest = one;
  }
  return newest?.nanoUsd;
}
