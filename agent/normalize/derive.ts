import type { Outcome, TokenMeter } from '../core/meter.ts';
import { facetName } from '../core/reading.ts';
import type { FacetKey } from '../core/reading.ts';
import type { Amounts, DerivedRow, Grid, LedgerSeries, SeriesColumn } from '../core/usage.ts';
import type { Instant } from '../core/time.ts';
import { amountsOf } from './contract.ts';
import type { ContractSwitches, MeterSums } from './contract.ts';

/**
 * What a traffic's meters add up to, period by period. Of series that count the same, the lowest rank that reports
 * a period claims it; `part` series are taken out of their total and stand as facets of their own; what is left of
 * the total keeps the total's facet. Order and repetition of the series change nothing.
 */
export function derive(
  switches: ContractSwitches,
  series: readonly LedgerSeries[],
  grid: Grid,
  columnOf: (seriesId: number) => SeriesColumn | undefined,
  familyOf: (facet: FacetKey, at: Instant) => string,
): readonly DerivedRow[] {
  const meters = metersOf(series, columnOf);
  const known = cacheMetersOf(series);
  const rows: DerivedRow[] = [];
  const said: Entry[] = [];
  for (let at = 0; at < grid.periods; at += 1) {
    for (let i = 0; i < meters.length; i += 1) {
      const meter = meters[i];
      if (meter !== undefined) addMeter(meter, at, said);
    }
    const start = grid.start + at * grid.stepMs;
    for (let i = 0; i < said.length; i += 1) {
      const entry = said[i];
      if (entry === undefined) continue;
      const { facet, sums } = entry;
      const split = amountsOf(switches, sums, known, familyOf(facet, start));
      const violation = entry.violation || split.violation;
      if (violation || saysSomething(split.amounts)) {
        rows.push({ facet, start, amounts: split.amounts, violation });
      }
      clear(entry);
    }
    said.length = 0;
  }
  return rows;
}

/** What one facet's meters say in the period that is looked at. */
interface Entry {
  readonly facet: FacetKey;
  readonly sums: MeterSums;
  violation: boolean;
  /** Whether anything was said of it in this period. */
  said: boolean;
}

interface Member {
  readonly entry: Entry;
  readonly contract: LedgerSeries['contract'];
  readonly values: SeriesColumn;
}

interface Meter {
  readonly name: TokenMeter | Outcome;
  /** By rank, lowest first; series without a value are left out. */
  readonly totals: readonly (readonly Member[])[];
  readonly parts: readonly (readonly Member[])[];
  /** Its one member where there is no other to claim or to take out, which is the usual case. */
  readonly only: Member | undefined;
}

function metersOf(
  series: readonly LedgerSeries[],
  columnOf: (seriesId: number) => SeriesColumn | undefined,
): readonly Meter[] {
  const entries = new Map<string, Entry>();
  return Array.from(seriesByMeter(series), ([name, members]): Meter => {
    const totals = byRank(members, 'total', columnOf, entries);
    const parts = byRank(members, 'part', columnOf, entries);
    const isOne = parts.length === 0 && totals.length === 1 && totals[0]?.length === 1;
    return { name, totals, parts, only: isOne ? totals[0]?.[0] : undefined };
  });
}

/** Each series once, in order of their ids, by what they meter. */
export function seriesByMeter(
  series: readonly LedgerSeries[],
): ReadonlyMap<TokenMeter | Outcome, readonly LedgerSeries[]> {
  const byName = new Map<TokenMeter | Outcome, LedgerSeries[]>();
  const unique = [...new Map(series.map((one) => [one.id, one])).values()];
  for (const one of unique.toSorted((a, b) => a.id - b.id)) {
    const name = meterName(one);
    if (name === undefined) continue;
    const members = byName.get(name);
    if (members === undefined) byName.set(name, [one]);
    else members.push(one);
  }
  return byName;
}

function meterName(series: LedgerSeries): TokenMeter | Outcome | undefined {
  const { measure } = series;
  if (measure.kind === 'tokens') return measure.meter;
  if (measure.kind === 'requests' && measure.outcome !== 'by_status') return measure.outcome;
  return undefined;
}

function byRank(
  series: readonly LedgerSeries[],
  level: LedgerSeries['level'],
  columnOf: (seriesId: number) => SeriesColumn | undefined,
  entries: Map<string, Entry>,
): readonly (readonly Member[])[] {
  const ranks: { readonly rank: number; readonly members: Member[] }[] = [];
  for (const one of series) {
    const values = one.level === level ? columnOf(one.id) : undefined;
    if (values === undefined) continue;
    const member = { entry: entryOf(entries, one.facet), contract: one.contract, values };
    const known = ranks.find(({ rank }) => rank === one.rank);
    if (known === undefined) ranks.push({ rank: one.rank, members: [member] });
    else known.members.push(member);
  }
  if (ranks.length > 1) ranks.sort((a, b) => a.rank - b.rank);
  return ranks.map(({ members }) => members);
}

function entryOf(entries: Map<string, Entry>, facet: FacetKey): Entry {
  const name = facetName(facet);
  const known = entries.get(name);
  if (known !== undefined) return known;
  const made: Entry = { facet, sums: { contracts: {} }, violation: false, said: false };
  clear(made);
  entries.set(name, made);
  return made;
}

function clear(entry: Entry): void {
  clearMeters(entry.sums);
  clearMeters(entry.sums.contracts);
  entry.violation = false;
  entry.said = false;
}

/** Name by name, for a loop over names cannot be compiled to anything as cheap. */
function clearMeters(values: { [Name in TokenMeter | Outcome]?: unknown }): void {
  values.input = undefined;
  values.cache_read = undefined;
  values.cache_write = undefined;
  values.output = undefined;
  values.accepted = undefined;
  values.client_error = undefined;
  values.server_error = undefined;
  values.throttled = undefined;
}

function addMeter(meter: Meter, at: number, said: Entry[]): void {
  const { only } = meter;
  if (only !== undefined) {
    const value = valueAt(only, at);
    if (!Number.isNaN(value)) add(said, only, meter.name, value);
    return;
  }
  let parts = 0;
  const claiming = claim(meter.parts, at);
  for (const member of claiming) {
    const value = valueAt(member, at);
    if (Number.isNaN(value)) continue;
    parts += value;
    add(said, member, meter.name, value);
  }
  let last: Member | undefined;
  for (const member of claim(meter.totals, at)) {
    const value = valueAt(member, at);
    if (Number.isNaN(value)) continue;
    last = member;
    const rest = value - parts;
    parts = Math.max(0, -rest);
    if (rest > 0 || claiming.length === 0) add(said, member, meter.name, rest);
  }
  if (parts > 0 && last !== undefined) {
    add(said, last, meter.name, 0);
    last.entry.violation = true;
  }
}

const none: readonly Member[] = [];

/** The members of the first rank in which anything reports the period. */
function claim(ranks: readonly (readonly Member[])[], at: number): readonly Member[] {
  for (let rank = 0; rank < ranks.length; rank += 1) {
    const members = ranks[rank] ?? none;
    for (let i = 0; i < members.length; i += 1) {
      const member = members[i];
      if (member !== undefined && !Number.isNaN(valueAt(member, at))) return members;
    }
  }
  return none;
}

function valueAt({ values }: Member, at: number): number {
  return values[at] ?? Number.NaN;
}

function add(said: Entry[], member: Member, name: TokenMeter | Outcome, value: number): void {
  const { entry, contract } = member;
  if (!entry.said) {
    entry.said = true;
    said.push(entry);
  }
  entry.sums[name] = (entry.sums[name] ?? 0) + value;
  entry.sums.contracts[name] = contract;
}

export function cacheMetersOf(series: readonly LedgerSeries[]): {
  readonly read: boolean;
  readonly write: boolean;
} {
  const has = (meter: TokenMeter) =>
    series.some((one) => one.measure.kind === 'tokens' && one.measure.meter === meter);
  return { read: has('cache_read'), write: has('cache_write') };
}

function saysSomething(amounts: Amounts): boolean {
  const { input, cacheRead, cacheWrite, output, unsplitInput } = amounts;
  const { requests, errors, throttles } = amounts;
  return (
    isSome(input) ||
    isSome(output) ||
    isSome(cacheRead) ||
    isSome(cacheWrite) ||
    isSome(unsplitInput) ||
    isSome(requests) ||
    isSome(errors) ||
    isSome(throttles)
  );
}

function isSome(amount: number | null): boolean {
  return amount !== null && amount !== 0;
}
