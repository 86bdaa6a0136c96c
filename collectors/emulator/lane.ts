import type { Instant } from '../../agent/core/time.ts';

/** One thing traffic runs through: a ModelId of a region, a Mantle project and model, or an Azure deployment. */
export interface Lane {
  /** Stable, unique: `aws/111122223333/us-east-1/runtime/us.openai.gpt-5.6-sol`. */
  readonly id: string;
  readonly cloud: 'aws' | 'azure';
  readonly account: string;
  readonly region: string;
  /** Azure account name; empty on AWS. */
  readonly resource: string;
  readonly endpoint: 'runtime' | 'mantle' | 'azure';
  /** `ModelId` or Mantle `Model`; empty on Azure. */
  readonly vendorModel: string;
  /** Azure deployment, Mantle project, application inference profile's name; may be empty. */
  readonly deployment: string;
  /** What Crossbill must find out: `openai/gpt-5.6-sol`. */
  readonly model: string;
  readonly modelVersion: string;
  readonly family: 'openai' | 'anthropic' | 'amazon-nova' | 'other';
  /** Share of the recorded traffic, relative to the other lanes. */
  readonly weight: number;
  /** Share of requests by tier; tiers other than the default appear only where the meter tells them. */
  readonly tiers: Readonly<
    Partial<Record<'standard' | 'priority' | 'flex' | 'batch' | 'provisioned', number>>
  >;
  /** Whether the cloud keeps cache meters for it. */
  readonly cacheMeters: boolean;
}

/** One request as the emulated model served it; what every meter and the truth are added up from. */
export interface Request {
  readonly start: Instant;
  /** Uncached, cached and written tokens are disjoint here; a meter may mix them. */
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
  readonly status: 200 | 400 | 429 | 500;
  readonly tier: 'standard' | 'priority' | 'flex' | 'batch' | 'provisioned';
  readonly latencyMs: number;
  readonly firstTokenMs: number;
}

/** The replay: the same answer for the same minute, always. */
export interface Traffic {
  readonly lanes: readonly Lane[];
  /** Requests of a lane that start in the minute `[minute, minute + 60 s)`; empty when it is silent. */
  requests(lane: Lane, minute: Instant): readonly Request[];
}
