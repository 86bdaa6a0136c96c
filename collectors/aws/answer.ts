import type {
  GetMetricDataCommandOutput,
  MessageData,
  MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import { ExternalError } from '../../agent/core/errors.ts';
import type { Instant } from '../../agent/core/time.ts';
import { badAnswer } from './pages.ts';
import type { PlannedCall, Query } from './plan.ts';
import { redact } from './redact.ts';

const operation = 'cloudwatch:GetMetricData';

/** Period start → value of one query. */
export type Points = ReadonlyMap<Instant, number>;

/** The pages of one call, put together. */
export interface Answer {
  /** Throws ExternalError for a page that is not wholly an answer to what was asked. */
  add(page: Pick<GetMetricDataCommandOutput, 'MetricDataResults' | 'Messages'>): void;
  /** After the last page. Throws ExternalError unless every query was answered to its end. */
  finish(): ReadonlyMap<Query, Points>;
}

/**
 * Merges pages by query id, in whatever way they were cut. Silence is only believed where CloudWatch says `Complete`
 * for the very id: an empty body, a missing id, `PartialData` without more, and notes of any kind are failures.
 */
export function startAnswer(call: PlannedCall): Answer {
  const asked = new Map(call.queries.map((query) => [query.id, query]));
  const points = new Map(call.queries.map((query) => [query, new Map<Instant, number>()]));
  const status = new Map<Query, string>();
  return {
    add({ MetricDataResults, Messages }) {
      if (MetricDataResults === undefined) throw badAnswer(operation, 'the answer is empty');
      refuseNotes(Messages, 'the call');
      for (const result of MetricDataResults) {
        const query = asked.get(result.Id ?? '');
        if (query === undefined) {
          throw badAnswer(
            operation,
            `a result with an id nobody asked for: ${redact(result.Id ?? 'none', [])}`,
          );
        }
        refuseStatus(result, query);
        refuseNotes(result.Messages, nameOf(query));
        status.set(query, result.StatusCode ?? 'no status');
        merge(points.get(query) ?? new Map(), result, query);
      }
    },
    finish() {
      for (const query of call.queries) {
        const last = status.get(query);
        if (last === undefined) throw badAnswer(operation, `no result for ${nameOf(query)}`);
        if (last !== 'Complete') {
          throw badAnswer(operation, `${nameOf(query)} ended with ${last} and no further page`);
        }
      }
      return points;
    },
  };
}

function refuseStatus({ StatusCode }: MetricDataResult, query: Query): void {
  if (StatusCode === 'Forbidden') {
    throw new ExternalError(`${operation}: Forbidden for ${nameOf(query)}`, {
      reason: 'denied',
      operation,
      hint: `The role or user that reads it lacks ${operation} for this metric; in a linked account, the account no longer shares its metrics with the monitoring account.`,
    });
  }
  if (StatusCode !== 'Complete' && StatusCode !== 'PartialData') {
    throw badAnswer(operation, `${StatusCode ?? 'no status'} for ${nameOf(query)}`);
  }
}

/** AWS documents notes for answers that were cut ("as much of the operation as possible is still executed"). */
function refuseNotes(messages: readonly MessageData[] | undefined, about: string): void {
  const [first] = messages ?? [];
  if (first === undefined) return;
  const said = redact(`${first.Code ?? ''} ${first.Value ?? ''}`, []);
  throw badAnswer(operation, `a note on ${about}, so it may be cut: ${said}`);
}

function merge(into: Map<Instant, number>, result: MetricDataResult, query: Query): void {
  const { Timestamps = [], Values = [] } = result;
  if (Timestamps.length !== Values.length) {
    const counts = `${Timestamps.length} times but ${Values.length} values`;
    throw badAnswer(operation, `${counts} for ${nameOf(query)}`);
  }
  for (const [index, value] of Values.entries()) {
    const start = Timestamps[index]?.getTime() ?? NaN;
    if (!Number.isFinite(start)) {
      throw badAnswer(operation, `a time that is none for ${nameOf(query)}`);
    }
    if (typeof value !== 'number') {
      throw badAnswer(operation, `a value that is no number for ${nameOf(query)}`);
    }
    if (into.has(start) && !Object.is(into.get(start), value)) {
      throw badAnswer(operation, `two values of one period for ${nameOf(query)}`);
    }
    into.set(start, value);
  }
}

function nameOf({ unit, statistic }: Query): string {
  return `${statistic} of ${unit.key}`;
}
