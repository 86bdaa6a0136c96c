import type { Contract, Outcome, TokenMeter } from '../core/meter.ts';
import { facetName } from '../core/reading.ts';
import type { FacetKey } from '../core/reading.ts';
import type { LedgerSeries, TracedMeter, TracedRow, TraceTerm } from '../core/usage.ts';
import { amountsOf, holdsCached, inputKind } from './contract.ts';
import type { ContractSwitches } from './contract.ts';
import { cacheMetersOf, seriesByMeter } from './derive.ts';

/**
 * One period derived as `derive` does it, with every reading's part in it. Slower, for a person who asks: a facet of which
 * nothing is said has no row, one whose every amount is zero has.
 */
export function trace(
  switches: ContractSwitches,
  series: readonly LedgerSeries[],
  valueOf: (seriesId: number) => number | undefined,
  familyOf: (facet: FacetKey) => string,
): readonly TracedRow[] {
  const drafts = new Map<string, Draft>();
  for (const [meter, members] of seriesByMeter(series)) addMeter(drafts, meter, members, valueOf);
  const known = cacheMetersOf(series);
  return Array.from(drafts.values(), ({ facet, meters, contracts, isAbove }): TracedRow => {
    const family = familyOf(facet);
    const sums = Object.fromEntries(Array.from(meters, ([meter, terms]) => [meter, sumOf(terms)]));
    const { amounts, violation } = amountsOf(switches, { ...sums, contracts }, known, family);
    const cached = (amounts.cacheRead ?? 0) + (amounts.cacheWrite ?? 0);
    return {
      facet,
      family,
      amounts,
      violation: isAbove || violation,
      meters: Array.from(meters, ([meter, terms]): TracedMeter => ({
        meter,
        terms,
        sum: sumOf(terms),
      })),
      contract: contracts.input,
      kind: inputKind(switches, contracts.input, known.read, family),
      cachedTakenOut: cached !== 0 && holdsCached(switches, contracts.input, family),
    };
  });
}

type MeterName = TokenMeter | Outcome;

interface Draft {
  readonly facet: FacetKey;
  readonly meters: Map<MeterName, TraceTerm[]>;
  readonly contracts: { [Name in MeterName]?: Contract };
  isAbove: boolean;
}

function addMeter(
  drafts: Map<string, Draft>,
  meter: MeterName,
  members: readonly LedgerSeries[],
  valueOf: (seriesId: number) => number | undefined,
): void {
  const add = ({ id, facet, contract }: LedgerSeries, value: number, toldApart: number): Draft => {
    const draft = draftOf(drafts, facet);
    const terms = draft.meters.get(meter) ?? [];
    terms.push({ seriesId: id, value, toldApart });
    draft.meters.set(meter, terms);
    draft.contracts[meter] = contract;
    return draft;
  };
  let parts = 0;
  const claiming = claim(members, 'part', valueOf);
  for (const [one, value] of claiming) {
    add(one, value, 0);
    parts += value;
  }
  const totals = claim(members, 'total', valueOf);
  for (const [one, value] of totals) {
    const toldApart = Math.min(value, parts);
    parts -= toldApart;
    if (value > toldApart || claiming.length === 0) add(one, value, toldApart);
  }
  const last = totals.at(-1);
  if (parts > 0 && last !== undefined) {
    const [one, value] = last;
    add(one, value, value).isAbove = true;
  }
}

/** The series of the lowest rank in which anything reports the period, and what they say. */
function claim(
  members: readonly LedgerSeries[],
  level: LedgerSeries['level'],
  valueOf: (seriesId: number) => number | undefined,
): readonly (readonly [LedgerSeries, number])[] {
  const said = members.flatMap((one) => {
    const value = one.level === level ? valueOf(one.id) : undefined;
    return value === undefined ? [] : [[one, value] as const];
  });
  const lowest = Math.min(...said.map(([{ rank }]) => rank));
  return said.filter(([{ rank }]) => rank === lowest);
}

function draftOf(drafts: Map<string, Draft>, facet: FacetKey): Draft {
  const name = facetName(facet);
  let draft = drafts.get(name);
  if (draft === undefined) {
    draft = { facet, meters: new Map(), contracts: {}, isAbove: false };
    drafts.set(name, draft);
  }
  return draft;
}

function sumOf(terms: readonly TraceTerm[]): number {
  return terms.reduce((sum, { value, toldApart }) => sum + value - toldApart, 0);
}
