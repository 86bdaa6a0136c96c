import type { CollectRequest } from '../../../agent/core/collector.ts';
import type { ScriptedHandler } from '../../support/scripted-server.ts';
import { inputUnit, json, noon, on, outputUnit, sentData, target } from './fake-aws.ts';
import type { SentData } from './fake-aws.ts';

export const minute = 60_000;

/** Half an hour of two meters, four statistics together. */
export function dataRequest(overrides: Partial<CollectRequest> = {}): CollectRequest {
  return {
    target: target(),
    units: [inputUnit, outputUnit],
    window: { start: noon - 30 * minute, end: noon },
    periodSeconds: 60,
    ...overrides,
  };
}

/** One result an id, each with the points given, complete unless told otherwise. */
export function results(
  { MetricDataQueries }: SentData,
  points: readonly (readonly [number, number | string])[] = [],
  StatusCode = 'Complete',
) {
  return MetricDataQueries.map(({ Id }) => ({
    Id,
    Timestamps: points.map(([at]) => at / 1_000),
    Values: points.map(([, value]) => value),
    StatusCode,
  }));
}

export function data(answer: (asked: SentData) => unknown): ScriptedHandler {
  return on('GetMetricData', (incoming) => json(answer(sentData(incoming))));
}

export const silent = data((asked) => ({ MetricDataResults: results(asked) }));
