import type { Instant } from '../../agent/core/time.ts';
import type { Answer, Served } from './http.ts';
import type { Traffic } from './lane.ts';

/** A call to an emulated cloud, as a fault script sees it. */
export interface Call {
  readonly cloud: 'aws' | 'azure';
  /** In the vendor's words: `monitoring:GetMetricData`, `sts:AssumeRole`, `metrics`, `deployments`. */
  readonly operation: string;
  /** AWS account or Azure subscription; empty where the call names none. */
  readonly account: string;
  /** Empty where the call names none. */
  readonly region: string;
  readonly url: string;
  readonly body: string;
}

/** Where trouble is made. */
export interface Faults {
  /** What goes out instead of the true answer, which is then never made; undefined lets the call through. */
  intercept(call: Call): Answer | undefined;
  /** What the true answer becomes on its way out. Refusals are not altered. */
  alter?(call: Call, answer: Served): Answer;
  /** How far the cloud's clock is ahead of the right time, in milliseconds. */
  skewMs?(at: Instant): number;
  /** What the meters tell of at a time: other traffic where the cloud says something else of its past. */
  edition?(traffic: Traffic, at: Instant): Traffic;
}

export const noFaults: Faults = { intercept: () => undefined };

/** What goes out while these faults may last; `serve` makes the true answer. */
export function answerUnder(faults: Faults, call: Call, serve: () => Answer): Answer {
  const instead = faults.intercept(call);
  if (instead !== undefined) return instead;
  const answer = serve();
  const isServed = answer.kind === undefined || answer.kind === 'answer';
  if (!isServed || answer.status !== 200) return answer;
  return faults.alter?.(call, answer) ?? answer;
}
