import type { Expression } from '@aws-sdk/client-cost-explorer';
import type { BillLine, BillStatement, MeaningOf } from '../../../agent/core/bill.ts';
import type { Instant, Window } from '../../../agent/core/time.ts';
import type { AwsApi, Place } from '../client.ts';
import { badAnswer, pagesOf } from '../pages.ts';
import { costKeys, planQueries } from './cost-plan.ts';
import type { CostKey, CostQuery, CostValues } from './cost-plan.ts';
import { costMetrics, isZero, startCosts } from './cost-rows.ts';
import type { CostRow } from './cost-rows.ts';
import { checkDays, dateOf, openSince } from './days.ts';
import { recordTypeOf } from './record-types.ts';
import { regionOf } from './regions.ts';

/** Marketplace models are services of their own: `Claude Sonnet 4.5 (Amazon Bedrock Edition)`. */
const ofBedrock = /bedrock/i;
/** Each page is paid: an answer as long as this is none. */
const mostPages = 50;

export interface CostRequest {
  readonly place: Place;
  readonly days: Window;
  /** Accounts whose bill is asked for by another access, and so left out of this one. */
  readonly otherAccounts: ReadonlySet<string>;
  readonly now: Instant;
  readonly meaningOf: MeaningOf;
}

/** What a statement says beside where it comes from. */
export type CostStatement = Pick<BillStatement, 'days' | 'finalUntil' | 'lines'>;

/**
 * Everything of Bedrock that Cost Explorer tells of the days. Throws ExternalError when any of it is missing, and
 * RangeError for what is not whole days. A day is final when its month is closed and no answer calls it an estimate.
 * https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html
 */
export async function fetchCosts(
  api: AwsApi,
  request: CostRequest,
  signal: AbortSignal,
): Promise<CostStatement> {
  const { days, now, meaningOf } = request;
  checkDays(days);
  const queries = planQueries(await valuesOf(api, request, signal));
  const rows: CostRow[] = [];
  let finalUntil = Math.max(days.start, Math.min(days.end, openSince(now)));
  // One after the other: a query that fails spares those behind it their cent.
  for (const query of queries) {
    const answer = await ask(api, request, query, signal);
    rows.push(...answer.rows);
    finalUntil = Math.max(days.start, Math.min(finalUntil, ...answer.estimated));
  }
  const lines = rows.filter(isSomething).map((row) => lineOf(row, meaningOf));
  return { days, finalUntil, lines };
}

/** The services that name Bedrock, then the accounts and record types that have anything of them. */
async function valuesOf(
  api: AwsApi,
  request: CostRequest,
  signal: AbortSignal,
): Promise<CostValues> {
  const none = { SERVICE: [], LINKED_ACCOUNT: [], RECORD_TYPE: [] };
  const services = await list(api, request, 'SERVICE', undefined, signal);
  const SERVICE = services.filter((service) => ofBedrock.test(service));
  if (SERVICE.length === 0) return none;
  const filter: Expression = { Dimensions: { Key: 'SERVICE', Values: SERVICE } };
  const accounts = await list(api, request, 'LINKED_ACCOUNT', filter, signal);
  const RECORD_TYPE = await list(api, request, 'RECORD_TYPE', filter, signal);
  if (accounts.length === 0 || RECORD_TYPE.length === 0) {
    throw badAnswer('ce:GetDimensionValues', 'services without an account or a record type');
  }
  const LINKED_ACCOUNT = accounts.filter((account) => !request.otherAccounts.has(account));
  return LINKED_ACCOUNT.length === 0 ? none : { SERVICE, LINKED_ACCOUNT, RECORD_TYPE };
}

async function list(
  api: AwsApi,
  { place, days }: CostRequest,
  key: CostKey,
  filter: Expression | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const operation = 'ce:GetDimensionValues';
  const input = {
    ...periodOf(days),
    Dimension: key,
    Context: 'COST_AND_USAGE',
    ...(filter === undefined ? {} : { Filter: filter }),
  } as const;
  const found = new Set<string>();
  const pages = pagesOf(
    operation,
    (token) => api.getDimensionValues(place, { ...input, ...next(token) }, signal),
    (page) => page.NextPageToken,
    mostPages,
  );
  for await (const { DimensionValues } of pages) {
    if (DimensionValues === undefined) throw badAnswer(operation, 'the answer is empty');
    for (const { Value } of DimensionValues) {
      if (!Value) throw badAnswer(operation, `a ${key} without a value`);
      found.add(Value);
    }
  }
  return [...found].toSorted();
}

async function ask(api: AwsApi, request: CostRequest, query: CostQuery, signal: AbortSignal) {
  const { place, days } = request;
  const answer = startCosts(query, days);
  const filters = costKeys.map((Key): Expression => ({
    Dimensions: { Key, Values: [...query.values[Key]] },
  }));
  const input = {
    ...periodOf(days),
    Granularity: 'DAILY' as const,
    Metrics: [...costMetrics],
    Filter: { And: filters },
    GroupBy: [query.groupedBy, 'USAGE_TYPE'].map((Key) => ({ Type: 'DIMENSION' as const, Key })),
  };
  const pages = pagesOf(
    'ce:GetCostAndUsage',
    (token) => api.getCostAndUsage(place, { ...input, ...next(token) }, signal),
    (page) => page.NextPageToken,
    mostPages,
  );
  for await (const page of pages) answer.add(page);
  return answer.finish();
}

/** The end is exclusive. */
function periodOf({ start, end }: Window) {
  return { TimePeriod: { Start: dateOf(start), End: dateOf(end) } };
}

function next(token: string | undefined) {
  return token === undefined ? {} : { NextPageToken: token };
}

function isSomething({ unblended, amortized, quantity }: CostRow): boolean {
  return ![unblended, amortized, quantity].every(isZero);
}

function lineOf(row: CostRow, meaningOf: MeaningOf): BillLine {
  const { SERVICE: service, usageType: meter, unit } = row;
  return {
    day: row.day,
    account: row.LINKED_ACCOUNT,
    region: regionOf(meter),
    resource: '',
    service,
    meter,
    meterId: '',
    meaning: meaningOf({ service, meter, unit, product: '' }),
    quantity: row.quantity,
    unit,
    cost: row.unblended,
    amortizedCost: row.amortized,
    currency: row.currency,
    recordType: recordTypeOf(row.RECORD_TYPE),
  };
}
