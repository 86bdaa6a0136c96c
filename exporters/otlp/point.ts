import type { ToldName } from '../../agent/core/exporter.ts';
import type { Instant } from '../../agent/core/time.ts';
import type { MetricDefinition } from './metric-set.ts';

/** A population without buckets. Seconds. */
export interface Population {
  readonly count: number;
  readonly sum: number;
  readonly min: number | null;
  readonly max: number | null;
}

/** Attributes of a point: one text or none for each name. */
export type PointAttributes = Readonly<Record<string, string>>;

/** Whose number it is: of points of one metric, no two names have one id. */
export type PointName = Pick<ToldName, 'id' | 'cloud' | 'account' | 'region'>;

/** One number of one series, not yet in OpenTelemetry's shapes. */
export interface MetricPoint {
  readonly metric: MetricDefinition;
  readonly name: PointName;
  readonly attributes: PointAttributes;
  /** Of what the number speaks: `(start, end]` on the wire. */
  readonly start: Instant;
  readonly end: Instant;
  /** A population where, and only where, the metric is a histogram. */
  readonly value: number | Population;
}
