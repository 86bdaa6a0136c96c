import type { Dimension } from '../../agent/core/dimension.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import { dayMs, hourMs, minuteMs } from './format.ts';
import type { PageFilters } from './reader.ts';

/** Ranges that are offered; all of them end now and start at a whole hour or day of UTC. */
export const rangeNames = ['6h', '24h', '7d', '30d', 'month'] as const;
export type RangeName = (typeof rangeNames)[number];

export const rangeWords: Readonly<Record<RangeName, string>> = {
  '6h': '6 hours',
  '24h': '24 hours',
  '7d': '7 days',
  '30d': '30 days',
  month: 'month to date',
};

/** What drivers can be told apart by, in the order they are offered. */
export const drillDimensions = [
  'model',
  'cloud',
  'team',
  'deployment',
  'region',
  'account',
  'tier',
] as const satisfies readonly Dimension[];
export type DrillDimension = (typeof drillDimensions)[number];

/** What can be filtered by; more than is offered, so that a link from elsewhere holds. */
const filterNames = [
  ...drillDimensions,
  'provider',
  'resource',
  'model_version',
  'vendor_model',
  'endpoint',
  'routing',
] as const satisfies readonly Dimension[];

export type StepName = '1m' | '5m' | '1h' | '1d';

export const stepLengths: Readonly<Record<StepName, number>> = {
  '1m': minuteMs,
  '5m': 5 * minuteMs,
  '1h': hourMs,
  '1d': dayMs,
};

/** All that a view of the ledger is chosen by; it stands in the URL, and the URL is all there is of it. */
export interface PageState {
  /** Absent: from and to were given. */
  readonly rangeName?: RangeName;
  readonly range: Window;
  readonly step: StepName;
  readonly groupBy: DrillDimension;
  readonly filters: PageFilters;
  /** What of the URL was not understood, a sentence each. */
  readonly faults: readonly string[];
}

const usualRange: RangeName = '24h';
const usualGroup: DrillDimension = 'model';
const mostBuckets = 400;

/** Reads what a URL says. What it says wrongly is left out, and named. */
export function stateOf(search: URLSearchParams, now: Instant): PageState {
  const faults: string[] = [];
  const given = givenRange(search, now, faults);
  const rangeName = given === undefined ? namedRange(search, faults) : undefined;
  const range = given ?? rangeOf(rangeName ?? usualRange, now);
  return {
    ...(rangeName === undefined ? {} : { rangeName }),
    range,
    step: stepOf(search, range, faults),
    groupBy: oneOf(search, 'group_by', drillDimensions, faults) ?? usualGroup,
    filters: filtersIn(search),
    faults,
  };
}

function namedRange(search: URLSearchParams, faults: string[]): RangeName {
  return oneOf(search, 'range', rangeNames, faults) ?? usualRange;
}

function oneOf<Name extends string>(
  search: URLSearchParams,
  param: string,
  names: readonly Name[],
  faults: string[],
): Name | undefined {
  const text = search.get(param);
  if (text === null || text === '') return undefined;
  const found = names.find((name) => name === text);
  if (found === undefined) {
    faults.push(`${param}: ${JSON.stringify(text)} is none; write one of ${names.join(', ')}`);
  }
  return found;
}

function givenRange(search: URLSearchParams, now: Instant, faults: string[]): Window | undefined {
  if (!search.has('from')) return undefined;
  const start = instantIn(search.get('from') ?? '');
  const end = search.has('to') ? instantIn(search.get('to') ?? '') : now;
  if (start !== undefined && end !== undefined && start < end) return { start, end };
  faults.push('from and to: write two times such as 2026-11-23T00:00:00Z, the earlier one first');
  return undefined;
}

function instantIn(text: string): Instant | undefined {
  const instant = /^\d{9,16}$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isFinite(instant) && Math.abs(instant) < 8.64e15 ? instant : undefined;
}

/** @returns a range that ends now and starts at a whole hour, or a whole UTC day of the longer ones */
function rangeOf(name: RangeName, now: Instant): Window {
  const today = now - (now % dayMs);
  const hour = now - (now % hourMs);
  const at = new Date(now);
  const starts: Readonly<Record<RangeName, Instant>> = {
    '6h': hour - 5 * hourMs,
    '24h': hour - 23 * hourMs,
    '7d': today - 6 * dayMs,
    '30d': today - 29 * dayMs,
    month: Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1),
  };
  return { start: starts[name], end: now };
}

/** The steps that make a chart of the range which can be read, shortest first. */
export function stepsFor({ start, end }: Window): readonly StepName[] {
  const all = ['1m', '5m', '1h', '1d'] as const;
  const fitting = all.filter((step) => (end - start) / stepLengths[step] <= mostBuckets);
  return fitting.length === 0 ? ['1d'] : fitting;
}

function usualStep(range: Window): StepName {
  const fitting = stepsFor(range);
  return fitting.find((step) => (range.end - range.start) / stepLengths[step] <= 96) ?? '1d';
}

function stepOf(search: URLSearchParams, range: Window, faults: string[]): StepName {
  const asked = oneOf(search, 'step', ['1m', '5m', '1h', '1d'] as const, faults);
  return asked !== undefined && stepsFor(range).includes(asked) ? asked : usualStep(range);
}

function filtersIn(search: URLSearchParams): PageFilters {
  const filters = new Map<Dimension, readonly string[]>();
  for (const name of filterNames) {
    const values = valuesOf(search, name);
    if (values.length > 0) filters.set(name, values);
  }
  for (const param of search.keys()) {
    const [, key] = /^tag[._](.+)$/.exec(param) ?? [];
    if (key !== undefined) filters.set(`tag.${key}`, valuesOf(search, param));
  }
  return filters;
}

function valuesOf(search: URLSearchParams, param: string): readonly string[] {
  return search
    .getAll(param)
    .flatMap((text) => text.split(','))
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

/** As long, and before it: by whole days or weeks, and of a month to date the same stretch of the month before it. */
export function rangeBefore({ rangeName, range }: Pick<PageState, 'rangeName' | 'range'>): Window {
  const { start, end } = range;
  if (rangeName === 'month') {
    const first = new Date(start);
    const monthBefore = Date.UTC(first.getUTCFullYear(), first.getUTCMonth() - 1, 1);
    // A month that is further on than the one before it was long.
    const from = Math.min(monthBefore, start - (end - start));
    return { start: from, end: from + (end - start) };
  }
  const names: Readonly<Record<string, number>> = { '7d': 7 * dayMs, '30d': 30 * dayMs };
  const length = rangeName === '24h' ? dayMs : (names[rangeName ?? ''] ?? end - start);
  return { start: start - length, end: end - length };
}
