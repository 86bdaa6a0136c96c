import type { Sample } from '../../agent/core/collector.ts';
import { isoUtc, secondMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import { startAnswer } from './answer.ts';
import type { Points } from './answer.ts';
import type { AwsApi, Place } from './client.ts';
import { pagesOf } from './pages.ts';
import { inputOf, planCalls } from './plan.ts';
import type { PlannedCall, Query, ReadRequest } from './plan.ts';
import { mapPooled } from './pool.ts';

/** Enough to hide the network's delay; more only runs into the account's point rate. */
const callsAtOnce = 2;

/**
 * Every statistic of every unit over the window, silent ones as samples without points. Throws ExternalError when
 * any of it is missing, and RangeError for what must not be asked: a window not aligned to its period, or older than
 * CloudWatch keeps points of that period, for it would answer with none.
 */
export async function collectUnits(
  api: AwsApi,
  place: Place,
  request: ReadRequest,
  now: Instant,
  signal: AbortSignal,
): Promise<readonly Sample[]> {
  checkRetention(request, now);
  const calls = planCalls(request);
  const accountId =
    request.target.labels['monitoring_account'] === undefined ? undefined : request.target.account;
  const answers = await mapPooled(calls, callsAtOnce, (call) =>
    fetchCall(api, place, request, call, accountId, signal),
  );
  return joined(answers);
}

async function fetchCall(
  api: AwsApi,
  place: Place,
  request: ReadRequest,
  call: PlannedCall,
  accountId: string | undefined,
  signal: AbortSignal,
): Promise<ReadonlyMap<Query, Points>> {
  const answer = startAnswer(call);
  const pages = pagesOf(
    'cloudwatch:GetMetricData',
    // Whether AWS bills the metrics of a page that goes on again is not known: they are counted, as an upper bound.
    (token) => api.getMetricData(place, inputOf(call, request, accountId, token), call, signal),
    (page) => page.NextToken,
  );
  for await (const page of pages) answer.add(page);
  return answer.finish();
}

/** One sample a unit and statistic, its points of all calls in order of time. */
function joined(answers: readonly ReadonlyMap<Query, Points>[]): readonly Sample[] {
  const samples = new Map<
    string,
    { readonly query: Query; readonly points: [Instant, number][] }
  >();
  for (const answer of answers) {
    for (const [query, points] of answer) {
      const key = JSON.stringify([query.unit.key, query.statistic]);
      const sample = samples.get(key) ?? { query, points: [] };
      for (const point of points) sample.points.push(point);
      samples.set(key, sample);
    }
  }
  return Array.from(samples.values(), ({ query: { unit, statistic }, points }): Sample => {
    const sorted = points.toSorted(([a], [b]) => a - b);
    return {
      unitKey: unit.key,
      rowId: unit.rowId,
      metric: unit.metric,
      dimensions: unit.dimensions,
      statistic,
      starts: sorted.map(([start]) => start),
      values: sorted.map(([, value]) => value),
    };
  });
}

function checkRetention({ target, window, periodSeconds }: ReadRequest, now: Instant): void {
  const kept = target.retention.some(
    (retention) =>
      periodSeconds % retention.periodSeconds === 0 &&
      window.start >= now - retention.ageSeconds * secondMs,
  );
  if (!kept) {
    throw new RangeError(
      `${target.id}: CloudWatch no longer keeps points of ${periodSeconds} s from ${isoUtc(window.start)}; ask with a longer period`,
    );
  }
}
