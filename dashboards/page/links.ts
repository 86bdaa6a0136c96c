import type { Dimension } from '../../agent/core/dimension.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import { iso } from './format.ts';
import type { PageFilters } from './reader.ts';
import type { DrillDimension, PageState, RangeName, StepName } from './state.ts';

interface Turn {
  readonly rangeName?: RangeName;
  readonly step?: StepName;
  readonly groupBy?: DrillDimension;
  readonly filters?: PageFilters;
}

/** The overview as it is, but for what is turned. */
export function overviewLink(state: PageState, turn: Turn = {}): string {
  const params = new URLSearchParams();
  const rangeName = turn.rangeName ?? state.rangeName;
  if (rangeName !== undefined) params.set('range', rangeName);
  else putRange(params, state.range);
  // A step belongs to its range.
  if (turn.step !== undefined) params.set('step', turn.step);
  params.set('group_by', turn.groupBy ?? state.groupBy);
  putFilters(params, turn.filters ?? state.filters);
  return `/?${params.toString()}`;
}

/** What adds up to a figure of a range: the models, the hours, the minutes. */
export function sumLink(range: Window, filters: PageFilters): string {
  const params = new URLSearchParams();
  putRange(params, range);
  putFilters(params, filters);
  return `/explain?${params.toString()}`;
}

/** One minute or hour walked back. */
export function explainLink(at: Instant, step: '1m' | '1h', filters: PageFilters): string {
  const params = new URLSearchParams();
  putFilters(params, filters);
  params.set('at', iso(at));
  params.set('step', step);
  return `/explain?${params.toString()}`;
}

/** The question of the API whose answer a figure is. */
export function apiLink(
  path: string,
  question: {
    readonly range?: Window;
    readonly filters?: PageFilters;
    readonly more?: Readonly<Record<string, string>>;
  } = {},
): string {
  const params = new URLSearchParams(question.more);
  if (question.range !== undefined) putRange(params, question.range);
  putFilters(params, question.filters ?? new Map());
  const text = String(params);
  return `/api/v1/${path}${text === '' ? '' : `?${text}`}`;
}

/** The filters with one more, or in the place of the one that is there. */
export function withFilter(filters: PageFilters, name: Dimension, value: string): PageFilters {
  return new Map([...filters, [name, [value]]]);
}

export function withoutFilter(filters: PageFilters, name: Dimension): PageFilters {
  return new Map([...filters].filter(([other]) => other !== name));
}

function putRange(params: URLSearchParams, { start, end }: Window): void {
  params.set('from', iso(start));
  params.set('to', iso(end));
}

function putFilters(params: URLSearchParams, filters: PageFilters): void {
  for (const [name, values] of filters) params.set(name.replace('tag.', 'tag_'), values.join(','));
}
