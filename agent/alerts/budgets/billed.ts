import type { StoredBillLine } from '../../core/bill-store.ts';
import type { BilledDays } from '../../core/bill-store.ts';
import type { Dimension } from '../../core/dimension.ts';
import { dayMs, floorTo, isoUtc } from '../../core/time.ts';
import type { Instant, Window } from '../../core/time.ts';
import { coveredMs, union } from '../../core/window.ts';
import { filtersOf, matchesAny } from '../../query/dimensions.ts';
import type { CurrencyWorth } from './budget.ts';
import type { Instance } from './instances.ts';
import type { LedgerSums } from './sums.ts';

/** What bills say of one place: an account's region, resource and model, as far as they tell. */
interface Place {
  readonly told: ReadonlyMap<Dimension, string>;
  /** Nano-dollars by day. */
  readonly charged: Float64Array;
  readonly final: Float64Array;
  /** Currencies of amounts that no rate makes dollars of. */
  readonly unrated: Set<string>;
}

/** The bill of one budget by UTC day. */
export interface InstanceBill {
  /** Nano-dollars; null on days that no bill told. */
  readonly days: readonly (number | null)[];
  readonly spent: number | null;
  readonly settled: number | null;
  readonly coverage: number;
  readonly until: Instant | null;
  readonly notes: readonly string[];
  readonly isIncomplete: boolean;
  /** Nothing was told for so long that more may be spent than is known. */
  readonly isBlind: boolean;
}

/** What a bill may be behind before it counts as missing; vendors refresh them within a day or two. */
const billLateMs = 3 * dayMs;

export interface Bills {
  of(instance: Instance): InstanceBill;
}

/**
 * Bills by budget. A line belongs to those whose conditions it tells; what it does not tell, a deployment or a team, is
 * decided by who used the tokens of its place on its day, each bearing a share by tokens.
 */
export function billsOf(
  lines: readonly StoredBillLine[],
  told: readonly BilledDays[],
  basis: 'billed' | 'amortized',
  currencies: readonly CurrencyWorth[],
  sums: LedgerSums,
): Bills {
  const places = placesOf(lines, basis, currencies, sums);
  return { of: (instance) => billOf(instance, places, told, sums) };
}

function billOf(
  instance: Instance,
  places: readonly Place[],
  told: readonly BilledDays[],
  sums: LedgerSums,
): InstanceBill {
  const { days, dayCount } = sums;
  const period = wholeDays(instance.period, days);
  const clouds = filtersOf(instance.budget.match).get('cloud');
  const spans = union(
    told.filter(({ cloud }) => clouds === undefined || matchesAny(cloud, clouds)),
  );
  const until = spans.at(-1)?.end ?? null;
  const charged = new Float64Array(dayCount);
  let [spent, final] = [0, 0];
  const [first, last] = [period.start, period.end].map((at) => (at - days.start) / dayMs);
  const unrated = new Set<string>();
  let isShared = false;
  for (const place of places) {
    const part = partOf(instance, place, sums);
    if (part === undefined) continue;
    isShared ||= part.isShared;
    for (const currency of place.unrated) unrated.add(currency);
    for (let day = 0; day < dayCount; day += 1) {
      const share = part.on(day);
      const amount = (place.charged[day] ?? 0) * share;
      charged[day] = (charged[day] ?? 0) + amount;
      if (day < (first ?? 0) || day >= (last ?? 0)) continue;
      spent += amount;
      final += (place.final[day] ?? 0) * share;
    }
  }
  const known = Array.from(charged, (amount, day) => {
    const start = days.start + day * dayMs;
    return coveredMs({ start, end: start + dayMs }, spans) === dayMs ? amount : null;
  });
  const elapsed = { start: period.start, end: Math.min(period.end, until ?? period.start) };
  const isLate = until !== null && sums.now - until > billLateMs && until < period.end;
  const due = isLate ? { ...elapsed, end: Math.min(period.end, days.end) } : elapsed;
  const dueMs = Math.max(due.end - due.start, 0);
  const coverage = dueMs === 0 ? (until === null ? 0 : 1) : coveredMs(due, spans) / dueMs;
  return {
    days: known,
    spent: until === null ? null : spent,
    settled: until === null ? null : spent === 0 ? 1 : Math.min(Math.max(final / spent, 0), 1),
    coverage,
    until,
    isBlind: isLate,
    isIncomplete: until === null || coverage < 1 || unrated.size > 0,
    notes: [
      ...(isShared ? ['shared by tokens where the bill does not tell who used it'] : []),
      ...[...unrated].map(
        (code) => `no rate of ${code}: its lines are left out, add one to currencies`,
      ),
      ...(until !== null && isLate ? [`no bill since ${isoUtc(until).slice(0, 10)}`] : []),
    ],
  };
}

/** Which part of a place is the budget's; undefined: none. */
function partOf(
  { budget, value: each, classes }: Instance,
  { told }: Place,
  sums: LedgerSums,
): { readonly isShared: boolean; on(day: number): number } | undefined {
  const { forEach, match } = budget;
  const conditions = [...filtersOf(match)];
  for (const [dimension, patterns] of conditions) {
    const value = told.get(dimension);
    if (value !== undefined && !matchesAny(value, patterns)) return undefined;
  }
  const named = [...conditions.map(([dimension]) => dimension), ...(forEach ? [forEach] : [])];
  if (forEach !== undefined && (told.get(forEach) ?? each) !== each) return undefined;
  if (named.every((dimension) => told.has(dimension))) return { isShared: false, on: () => 1 };

  const isOfPlace = (one: number) =>
    [...told].every(([dimension, value]) => sums.classes.value(one, dimension) === value);
  const ours = tokensByDay(classes.filter(isOfPlace), sums);
  const all = tokensByDay(sums.classes.members.map((_, one) => one).filter(isOfPlace), sums);
  const whole = all.reduce((sum, tokens) => sum + tokens, 0);
  if (whole === 0) return undefined;
  const always = ours.reduce((sum, tokens) => sum + tokens, 0) / whole;
  return {
    isShared: true,
    on(day) {
      const tokens = all[day] ?? 0;
      // A fee on a day without use is borne as use is on the whole.
      return tokens === 0 ? always : (ours[day] ?? 0) / tokens;
    },
  };
}

function tokensByDay(classes: readonly number[], { daily, dayCount }: LedgerSums): Float64Array {
  const days = new Float64Array(dayCount);
  for (const one of classes) {
    for (let day = 0; day < dayCount; day += 1) {
      days[day] = (days[day] ?? 0) + (daily.tokens[one * dayCount + day] ?? 0);
    }
  }
  return days;
}

/** A bill is told by UTC days: a day belongs to the period that holds the greater part of it. */
function wholeDays(period: Window, within: Window): Window {
  return {
    start: Math.max(nearestMidnight(period.start), within.start),
    end: Math.min(nearestMidnight(period.end), within.end),
  };
}

function nearestMidnight(at: Instant): Instant {
  return floorTo(at + dayMs / 2, dayMs);
}

function placesOf(
  lines: readonly StoredBillLine[],
  basis: 'billed' | 'amortized',
  currencies: readonly CurrencyWorth[],
  { days, dayCount }: LedgerSums,
): readonly Place[] {
  const places = new Map<string, Place>();
  for (const line of lines) {
    const day = (line.day - days.start) / dayMs;
    if (day < 0 || day >= dayCount) continue;
    const told = toldBy(line);
    const key = JSON.stringify([...told]);
    const place = places.get(key) ?? {
      told,
      charged: new Float64Array(dayCount),
      final: new Float64Array(dayCount),
      unrated: new Set<string>(),
    };
    places.set(key, place);
    const worth = worthOn(line.currency, line.day, currencies);
    if (worth === undefined) {
      place.unrated.add(line.currency);
      continue;
    }
    const cost = basis === 'amortized' ? (line.amortizedCost ?? line.cost) : line.cost;
    const amount = Number(cost) * worth;
    place.charged[day] = (place.charged[day] ?? 0) + amount;
    if (line.final) place.final[day] = (place.final[day] ?? 0) + amount;
  }
  return [...places.values()];
}

function toldBy(line: StoredBillLine): ReadonlyMap<Dimension, string> {
  const told = new Map<Dimension, string>([
    ['cloud', line.cloud],
    ['provider', line.cloud === 'aws' ? 'aws.bedrock' : 'azure.ai.openai'],
    ['account', line.account],
  ]);
  if (line.region !== '') told.set('region', line.region);
  if (line.cloud === 'aws' || line.resource !== '') told.set('resource', line.resource);
  if (typeof line.meaning !== 'string') told.set('model', line.meaning.model);
  return told;
}

/** What one unit is worth on a day, in nano-dollars; undefined where no rate says so. */
function worthOn(
  currency: string,
  day: Instant,
  currencies: readonly CurrencyWorth[],
): number | undefined {
  if (currency === 'USD') return 1e9;
  const dated = currencies.filter((rate) => rate.currency === currency && rate.from <= day);
  const newest = dated.toSorted((a, b) => b.from - a.from)[0];
  return newest === undefined ? undefined : Number(newest.nanoUsd);
}
