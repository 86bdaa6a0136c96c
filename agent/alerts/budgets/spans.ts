import type {
  AmountQuery,
  AmountRow,
  CostSums,
  SumQuery,
  SumTable,
  UsageReader,
} from '../../core/store.ts';
import { ceilTo, hourMs, minuteMs } from '../../core/time.ts';
import type { Instant, Window } from '../../core/time.ts';
import { planQuery } from '../../query/plan.ts';
import type { Step } from '../../query/step.ts';

/** What budgets count: money in nano-dollars, exact below nine million dollars, and tokens of every type. */
export const measures = ['low', 'best', 'high', 'tokens', 'unpriced'] as const;
export type Measure = (typeof measures)[number];

/** What budgets are added up from. */
export interface SpanReader extends Pick<UsageReader, 'amounts' | 'capacityCosts'> {
  /** In place of amounts; null: there are only those. */
  readonly table?: (query: Omit<SumQuery, 'sets'>) => Promise<SumTable | null>;
  /** As of `planQuery`. */
  readonly readUntil: Instant | null;
}

/** Rows that some identities have in a span. `share`: the part of each that counts, 1 but for a cut hour. */
export interface SpanRows {
  readonly amounts: readonly AmountRow[];
  /** The same by class. */
  readonly table?: SumTable | null;
  /** What they bear of provisioned capacity. */
  readonly capacity: readonly (CostSums & { identityId: number; bucket: Instant })[];
  readonly share: number;
}

/** Of all identities, and of those that meters read. */
export interface SpanIds {
  readonly ids: readonly number[];
  readonly meteredIds: readonly number[];
}

/** Reads amounts and the cost of capacity of a span as finely as it needs. */
export function readSpan(
  reader: SpanReader,
  { ids, meteredIds }: SpanIds,
  span: Window,
  step: Step = 'total',
): Promise<readonly SpanRows[]> {
  const { segments, window } = planQuery(span.start, span.end, step, reader.readUntil);
  if (segments.length === 0 || ids.length === 0) return Promise.resolve([]);
  const bucketMs = step === 'total' ? 0 : step;
  const reads = segments.map(async ({ grain, window: part }) => ({
    ...(await readAmounts(reader, { grain, identityIds: meteredIds, window: part, bucketMs })),
    capacity: [],
    share: 1,
  }));
  const capacity = async () => ({
    amounts: [],
    capacity: await reader.capacityCosts({ identityIds: ids, window, bucketMs }),
    share: 1,
  });
  return Promise.all([...reads, capacity()]);
}

async function readAmounts(
  reader: SpanReader,
  query: AmountQuery,
): Promise<Pick<SpanRows, 'amounts' | 'table'>> {
  if (query.identityIds.length === 0) return { amounts: [] };
  const table = await reader.table?.(query);
  if (table !== undefined && table !== null) return { amounts: [], table };
  return { amounts: await reader.amounts(query) };
}

/**
 * As `readSpan` of a span whose start may cut an hour, as midnight does where a zone is half an hour off. Minutes are kept for
 * days and hours for months: what of that hour no minute tells any more counts by its share of the time.
 */
export async function readFromCutHour(
  reader: SpanReader,
  ids: SpanIds,
  span: Window,
): Promise<readonly SpanRows[]> {
  const end = ceilTo(span.start, hourMs);
  const hour = { start: end - hourMs, end };
  if (end === span.start || end > span.end) return readSpan(reader, ids, span);
  if (ids.meteredIds.length === 0) return readSpan(reader, ids, span);
  const query = { identityIds: ids.meteredIds, window: hour, bucketMs: 0 };
  const [asSpan, asHour, asMinutes] = await Promise.all([
    readSpan(reader, ids, span),
    readAmounts(reader, { ...query, grain: 'hour' }),
    readAmounts(reader, { ...query, grain: 'minute' }),
  ]);
  const share = (end - ceilTo(span.start, minuteMs)) / hourMs;
  return [
    ...asSpan,
    { ...asHour, capacity: [], share },
    { ...asMinutes, capacity: [], share: -share },
  ];
}

export function tokensOf(row: AmountRow): number {
  return (
    (row.input ?? 0) +
    (row.cacheRead ?? 0) +
    (row.cacheWrite ?? 0) +
    (row.output ?? 0) +
    (row.unsplitInput ?? 0)
  );
}
