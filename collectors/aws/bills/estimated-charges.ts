import type { BillLine, BillStatement } from '../../../agent/core/bill.ts';
import { dayMs, hourMs, secondMs } from '../../../agent/core/time.ts';
import type { Instant, Window } from '../../../agent/core/time.ts';
import type { AwsApi, Place } from '../client.ts';
import { collectUnits } from '../collect.ts';
import { retention } from '../discover.ts';
import { badAnswer } from '../pages.ts';
import { checkDays, monthOf } from './days.ts';
import {
  billingNamespace,
  estimatedMetric,
  estimatedRow,
  listEstimated,
  marketplaceService,
} from './estimated-series.ts';
import type { EstimatedSeries } from './estimated-series.ts';
import { dailyCosts, lateMs } from './gauge.ts';

const periodSeconds = hourMs / secondMs;

export interface EstimatedRequest {
  /** In us-east-1: nowhere else are there billing metrics. */
  readonly place: Place;
  readonly days: Window;
  /** Accounts that another access asks for, and so left out of this one. */
  readonly otherAccounts: ReadonlySet<string>;
  readonly now: Instant;
}

/**
 * What each day added to the month's estimated charges, read from the gauge since two days before its month began, so
 * that every difference has its beginning. Whole, or a throw of ExternalError. Never final.
 */
export async function fetchEstimated(
  api: AwsApi,
  request: EstimatedRequest,
  signal: AbortSignal,
): Promise<Pick<BillStatement, 'days' | 'finalUntil' | 'lines'>> {
  const { place, days, otherAccounts, now } = request;
  checkDays(days);
  const { any, series } = await listEstimated(api, place, signal);
  if (!any) throw badAnswer('cloudwatch:ListMetrics', 'the account has no billing metrics');
  const mine = series.filter(({ account = '' }) => !otherAccounts.has(account));
  const start = monthOf(days.start) - 2 * dayMs;
  const end = Math.min(days.end + lateMs, Math.ceil(now / hourMs) * hourMs);
  const none = { days, finalUntil: days.start, lines: [] };
  if (mine.length === 0 || end <= start) return none;
  const target = {
    id: `${place.scope}/${billingNamespace}`,
    account: place.account,
    labels: {},
    rows: [estimatedRow],
    retention,
  };
  const units = mine.map(({ unit }) => unit);
  const samples = await collectUnits(
    api,
    place,
    { target, units, window: { start, end }, periodSeconds },
    now,
    signal,
  );
  const lines = samples.flatMap(({ unitKey, starts, values }) => {
    const points = starts.map((at, index) => ({ at, value: values[index] ?? 0 }));
    const one = mine.find(({ unit }) => unit.key === unitKey);
    return [...dailyCosts(points, start)]
      .filter(([day]) => one !== undefined && day >= days.start && day < days.end)
      .map(([day, cost]) => lineOf(place.account, one, day, cost));
  });
  return { ...none, lines };
}

/** The gauge tells neither meter nor quantity, and of a fall not whether it is a credit, a refund or a correction. */
function lineOf(
  account: string,
  series: EstimatedSeries | undefined,
  day: Instant,
  cost: string,
): BillLine {
  const service = series?.service ?? '';
  return {
    day,
    account: series?.account ?? account,
    region: '',
    resource: '',
    service,
    meter: estimatedMetric,
    meterId: '',
    // The marketplace's gauge may hold Claude and OpenAI, and holds everything else that is bought there.
    meaning: service === marketplaceService ? 'not_tokens' : 'unknown_name',
    quantity: null,
    unit: '',
    cost,
    amortizedCost: null,
    currency: 'USD',
    recordType: cost.startsWith('-') ? 'adjustment' : 'usage',
  };
}
