import type { AmountRow, CostSums, UsageReader } from '../../core/store.ts';
import { ceilTo, hourMs, minuteMs } from '../../core/time.ts';
import type { Instant, Window } from '../../core/time.ts';
import { planQuery } from '../../query/plan.ts';
import type { Step } from '../../query/step.ts';

/** What budgets count: money in nano-dollars, exact below nine million dollars, and tokens of every type. */
export const measures = ['low', 'best', 'high', 'tokens', 'unpriced'] as const;
export type Measure = (typeof measures)[number];

/** Rows that some identities have in a span. `share`: the part of each that counts, 1 but for a cut hour. */
export interface SpanRows {
  readonly amounts: readonly AmountRow[];
  /** What they bear of provisioned capacity. */
  readonly capacity: readonly (CostSums & { identityId: number; bucket: Instant })[];
  readonly share: number;
}

/** Reads amounts and the cost of capacity of a span as finely as it needs. */
export function readSpan(
  reader: UsageReader,
  identityIds: readonly number[],
  span: Window,
  step: Step = 'total',
): Promise<readonly SpanRows[]> {
  const { segments, window } = planQuery(span.start, span.end, step);
  if (segments.length === 0 || identityIds.length === 0) return Promise.resolve([]);
  const bucketMs = step === 'total' ? 0 : step;
  const metered = identityIds.filter((id) => id >= 0);
  const reads = segments.map(async ({ grain, window: part }) => ({
    amounts:
      metered.length === 0
        ? []
        : await reader.amounts({ grain, identityIds: metered, window: part, bucketMs }),
    capacity: [],
    share: 1,
  }));
  const capacity = async () => ({
    amounts: [],
    capacity: await reader.capacityCosts({ identityIds, window, bucketMs }),
    share: 1,
  });
  return Promise.all([...reads, capacity()]);
}

/**
 * As `readSpan` of a span whose start may cut an hour, as midnight does where a zone is half an hour off. Minutes are kept for
 * days and hours for months: what of that hour no minute tells any more counts by its share of the time.
 */
export async function readFromCutHour(
  reader: UsageReader,
  identityIds: readonly number[],
  span: Window,
): Promise<readonly SpanRows[]> {
  const end = ceilTo(span.start, hourMs);
  const hour = { start: end - hourMs, end };
  if (end === span.start || end > span.end) return readSpan(reader, identityIds, span);
  const metered = identityIds.filter((id) => id >= 0);
  if (metered.length === 0) return readSpan(reader, identityIds, span);
  const query = { identityIds: metered, window: hour, bucketMs: 0 };
  const [asSpan, asHour, asMinutes] = await Promise.all([
    readSpan(reader, identityIds, span),
    reader.amounts({ ...query, grain: 'hour' }),
    reader.amounts({ ...query, grain: 'minute' }),
  ]);
  const share = (end - ceilTo(span.start, minuteMs)) / hourMs;
  return [
    ...asSpan,
    { amounts: asHour, capacity: [], share },
    { amounts: asMinutes, capacity: [], share: -share },
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
