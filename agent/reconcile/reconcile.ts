import { tokenItems } from '../core/price.ts';
import type { Instant } from '../core/time.ts';
import { billedMeters, isTokens } from './billed-meters.ts';
import type { BilledMeter } from './billed-meters.ts';
import { billedTokens, meteredTokens, readCached, splitByBill } from './cached.ts';
import { billedFindings, otherFinding, unbilledFinding } from './compare.ts';
import type { Side } from './compare.ts';
import type { Finding, Note } from './finding.ts';
import type { MeteredDay, ReconcileInput } from './inputs.ts';
import { isComparable, knowledgeOf } from './known-days.ts';
import type { Knowledge } from './known-days.ts';
import { linked } from './linked.ts';
import { nearTokens } from './tolerance.ts';
import { trafficFit } from './traffic-fit.ts';

interface Of {
  readonly day: Instant;
  readonly cloud: string;
  readonly account: string;
  readonly model: string;
}

/** One model of one account on one day. */
interface ModelDay {
  readonly meters: BilledMeter[];
  readonly metered: MeteredDay[];
}

/**
 * Metered against billed: a finding for every billed meter of every day, and for every metered item that no bill line
 * answers. Every metered token and every billed amount stands in exactly one of them.
 */
export function reconcile(input: ReconcileInput): readonly Finding[] {
  const known = knowledgeOf(input);
  const modelDays = new Map<string, ModelDay>();
  let last: (Of & { readonly found: ModelDay }) | undefined;
  const at = (day: Instant, cloud: string, account: string, model: string) => {
    // What belongs together mostly comes together.
    if (
      last !== undefined &&
      last.day === day &&
      last.model === model &&
      last.account === account &&
      last.cloud === cloud
    ) {
      return last.found;
    }
    const key = `${day}|${cloud}|${account}|${model}`;
    let found = modelDays.get(key);
    if (found === undefined) modelDays.set(key, (found = { meters: [], metered: [] }));
    last = { day, cloud, account, model, found };
    return found;
  };
  const others: Finding[] = [];
  for (const meter of billedMeters(input.billed, input.currencies)) {
    const { day, cloud, account, meaning, recordType } = meter;
    if (recordType === 'usage' && isTokens(meaning)) {
      at(day, cloud, account, meaning.model).meters.push(meter);
    } else {
      others.push(otherFinding(meter));
    }
  }
  for (const one of input.metered) {
    // Capacity pays for these tokens, whoever used it: their bill counts hours.
    if (one.tier !== 'provisioned')
      at(one.day, one.cloud, one.account, one.model).metered.push(one);
  }
  const findings = [...modelDays.values()].flatMap(({ meters, metered }) =>
    meters.length === 0
      ? metered.flatMap((one) => aloneFindings(known, one))
      : linked(meters, metered, isSamePlace).flatMap(({ left, right }) =>
          placeFindings(input, known, left, right),
        ),
  );
  return inOrder([...findings, ...others]);
}

/** Of a traffic whose model no line of its account is of: nothing is to be matched. */
function aloneFindings(known: Knowledge, one: MeteredDay): readonly Finding[] {
  const metered = [one];
  const comparable = isComparable(known, [], metered);
  const findings: Finding[] = [];
  for (const item of tokenItems) {
    if (meteredTokens(one, item) === null) continue;
    const side: Side = { item, comparable, reading: undefined, meters: [], metered, notes: [] };
    const finding = unbilledFinding(side);
    if (finding !== undefined) findings.push(finding);
  }
  return findings;
}

function placeFindings(
  { prices }: ReconcileInput,
  known: Knowledge,
  meters: readonly BilledMeter[],
  metered: readonly MeteredDay[],
): readonly Finding[] {
  const billed = billedTokens(meters);
  const comparable = isComparable(known, meters, metered);
  const split = splitByBill(metered, meters, billed);
  const told = split ?? metered;
  const reading = comparable ? readCached(told, billed) : undefined;
  const placeNotes: Note[] = [];
  if (metered.some((one) => !isOnePlace(one, metered[0] ?? one))) {
    placeNotes.push('many_places');
  }
  if (split !== undefined) placeNotes.push('split_by_bill');
  return tokenItems.flatMap((item) => {
    const notes = item === 'output' ? placeNotes.filter((n) => n !== 'split_by_bill') : placeNotes;
    const own = meters.filter(({ meaning }) => isTokens(meaning) && meaning.item === item);
    const using = told.filter((one) => meteredTokens(one, item) !== null);
    return traffics(item, own, using).flatMap((group) => {
      const side: Side = {
        item,
        comparable,
        reading,
        meters: group.meters,
        metered: group.metered,
        notes: group.isForced ? [...notes, 'told_differently'] : notes,
      };
      if (group.meters.length > 0) return billedFindings(side, prices);
      const unbilled = unbilledFinding(side);
      return unbilled === undefined ? [] : [unbilled];
    });
  });
}

interface TrafficGroup {
  readonly meters: readonly BilledMeter[];
  readonly metered: readonly MeteredDay[];
  /** Their names differ and only their quantities say that they belong together. */
  readonly isForced?: true;
}

function traffics(
  item: Side['item'],
  meters: readonly BilledMeter[],
  metered: readonly MeteredDay[],
): readonly TrafficGroup[] {
  if (meters.length === 0 && metered.length === 0) return [];
  const groups = linked(meters, metered, trafficFit(meters, metered));
  const [first] = groups;
  if (groups.length === 1 && first !== undefined && first.left.length * first.right.length > 0) {
    return [{ meters: first.left, metered: first.right }];
  }
  const unseen = groups.filter(({ right }) => right.length === 0).flatMap(({ left }) => left);
  const unbilled = groups.filter(({ left }) => left.length === 0).flatMap(({ right }) => right);
  const matched = groups
    .filter(({ left, right }) => left.length > 0 && right.length > 0)
    .map(({ left, right }) => ({ meters: left, metered: right }));
  const billedTotal = unseen.reduce((sum, { tokens }) => sum + (tokens ?? 0), 0);
  const meteredTotal = unbilled.reduce((sum, one) => sum + (meteredTokens(one, item) ?? 0), 0);
  if (billedTotal > 0 && meteredTotal > 0 && nearTokens(billedTotal, meteredTotal)) {
    return [...matched, { meters: unseen, metered: unbilled, isForced: true }];
  }
  const kinds = new Map<string, MeteredDay[]>();
  for (const one of unbilled) {
    const { resource, region, modelVersion, routing, tier } = one;
    const key = [resource, region, modelVersion, routing, tier].join('|');
    kinds.set(key, [...(kinds.get(key) ?? []), one]);
  }
  return [
    ...matched,
    ...unseen.map((one) => ({ meters: [one], metered: [] })),
    ...[...kinds.values()].map((own) => ({ meters: [], metered: own })),
  ];
}

/** What the bill leaves out fits any. */
export function isSamePlace(meter: BilledMeter, one: MeteredDay): boolean {
  return (
    (meter.resource === '' || meter.resource === one.resource) &&
    (meter.region === '' || meter.region === one.region)
  );
}

function isOnePlace(one: MeteredDay, other: MeteredDay): boolean {
  return one.resource === other.resource && one.region === other.region;
}

/** By day and place; a day at a time, for there are many days and few rows in each. */
function inOrder(findings: readonly Finding[]): readonly Finding[] {
  const days = new Map<Instant, Finding[]>();
  for (const finding of findings) {
    const own = days.get(finding.day);
    if (own === undefined) days.set(finding.day, [finding]);
    else own.push(finding);
  }
  return [...days].toSorted(([a], [b]) => a - b).flatMap(([, own]) => own.toSorted(byPlace));
}

function byPlace(a: Finding, b: Finding): number {
  return (
    order(a.cloud, b.cloud) ||
    order(a.account, b.account) ||
    order(a.resource, b.resource) ||
    order(a.region, b.region) ||
    order(a.model, b.model) ||
    order(a.meter, b.meter)
  );
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
