import type { Answer } from './http.ts';

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

/** Where trouble is made: what `intercept` returns goes out instead of the true answer. */
export interface Faults {
  intercept(call: Call): Answer | undefined;
}

export const noFaults: Faults = { intercept: () => undefined };
