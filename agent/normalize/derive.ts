import type { Outcome, TokenMeter } from '../core/meter.ts';
import type { FacetKey } from '../core/reading.ts';
import type { Amounts, DerivedRow, LedgerSeries, SeriesValues } from '../core/usage.ts';
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
  valuesOf: (seriesId: number) => SeriesValues,
  familyOf: (facet: FacetKey, at: Instant) => string,
): readonly DerivedRow[] {
  const meters = metersOf(series, valuesOf);
  const starts = new Set<Instant>();
  for (const meter of meters) {
    for (const member of [...meter.totals.flat(), ...meter.parts.flat()]) {
      for (const start of member.values.keys()) starts.add(start);
    }
  }
  const known = cacheMetersOf(series);
  const rows: DerivedRow[] = [];
  for (const start of [...starts].toSorted((a, b) => a - b)) {
    const facets = new Map<string, { facet: FacetKey; sums: MeterSums; violation: boolean }>();
    for (const meter of meters) addMeter(meter, start, facets);
    for (const { facet, sums, violation } of facets.values()) {
      const split = amountsOf(switches, sums, known, familyOf(facet, start));
      const row = { facet, start, amounts: split.amounts, violation: violation || split.violation };
      if (saysSomething(row.amounts) || row.violation) rows.push(row);
    }
  }
  return rows;
}

interface Member {
  readonly facet: FacetKey;
  readonly facetId: string;
  readonly contract: LedgerSeries['contract'];
  readonly values: SeriesValues;
}

interface Meter {
  readonly name: TokenMeter | Outcome;
  /** By rank, lowest first. */
  readonly totals: readonly (readonly Member[])[];
  readonly parts: readonly (readonly Member[])[];
}

function metersOf(
  series: readonly LedgerSeries[],
  valuesOf: (seriesId: number) => SeriesValues,
): readonly Meter[] {
  const byName = new Map<TokenMeter | Outcome, LedgerSeries[]>();
  const unique = [...new Map(series.map((one) => [one.id, one])).values()];
  for (const one of unique.toSorted((a, b) => a.id - b.id)) {
    const name = meterName(one);
    if (name === undefined) continue;
    const members = byName.get(name);
    if (members === undefined) byName.set(name, [one]);
    else members.push(one);
  }
  return [...byName].map(([name, members]) => ({
    name,
    totals: byRank(
      members.filter((one) => one.level === 'total'),
      valuesOf,
    ),
    parts: byRank(
      members.filter((one) => one.level === 'part'),
      valuesOf,
    ),
  }));
}

function meterName(series: LedgerSeries): TokenMeter | Outcome | undefined {
  const { measure } = series;
  if (measure.kind === 'tokens') return measure.meter;
  if (measure.kind === 'requests' && measure.outcome !== 'by_status') return measure.outcome;
  return undefined;
}

function byRank(
  members: readonly LedgerSeries[],
  valuesOf: (seriesId: number) => SeriesValues,
): readonly (readonly Member[])[] {
  const ranks = [...new Set(members.map((one) => one.rank))].toSorted((a, b) => a - b);
  return ranks.map((rank) =>
    members
      .filter((one) => one.rank === rank)
      .map((one) => ({
        facet: one.facet,
        facetId: facetId(one.facet),
        contract: one.contract,
        values: valuesOf(one.id),
      })),
  );
}

function facetId(facet: FacetKey): string {
  return `${facet.tier}|${facet.modelName}|${facet.modelVersion}`;
}

function addMeter(
  meter: Meter,
  start: Instant,
  facets: Map<string, { facet: FacetKey; sums: MeterSums; violation: boolean }>,
): void {
  let parts = 0;
  for (const member of claim(meter.parts, start)) {
    const value = member.values.get(start);
    if (value === undefined) continue;
    parts += value;
    add(facets, member, meter.name, value, false);
  }
  let last: Member | undefined;
  for (const member of claim(meter.totals, start)) {
    const value = member.values.get(start);
    if (value === undefined) continue;
    last = member;
    const rest = value - parts;
    parts = Math.max(0, -rest);
    if (rest > 0 || meter.parts.length === 0) add(facets, member, meter.name, rest, false);
  }
  if (parts > 0 && last !== undefined) add(facets, last, meter.name, 0, true);
}

/** The members of the first rank in which anything reports the period. */
function claim(ranks: readonly (readonly Member[])[], start: Instant): readonly Member[] {
  return ranks.find((members) => members.some((member) => member.values.has(start))) ?? [];
}

function add(
  facets: Map<string, { facet: FacetKey; sums: MeterSums; violation: boolean }>,
  member: Member,
  name: TokenMeter | Outcome,
  value: number,
  violation: boolean,
): void {
  let entry = facets.get(member.facetId);
  if (entry === undefined) {
    entry = { facet: member.facet, sums: { contracts: {} }, violation: false };
    facets.set(member.facetId, entry);
  }
  entry.sums[name] = (entry.sums[name] ?? 0) + value;
  entry.sums.contracts[name] = member.contract;
  if (violation) entry.violation = true;
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
  return Object.values(amounts).some((amount) => amount !== null && amount !== 0);
}
