import type { Cloud, Labels } from './cloud.ts';
import type { ExternalError } from './errors.ts';
import type { InventorySnapshot } from './inventory.ts';
import type { CatalogRow } from './meter.ts';
import type { Permission } from './permission.ts';
import type { Instant, Window } from './time.ts';

export type { Cloud, Labels } from './cloud.ts';

/**
 * The unit of coverage: one meter of a target that is read or not read as a whole.
 * On AWS one listed series (`dimensions` carry values); on Azure one metric of a resource, every series of it
 * (`dimensions` carry `*`). The key is stable over restarts and unique within its target.
 */
export interface MeterUnit {
  readonly key: string;
  readonly rowId: string;
  /** The spelling the cloud reports. */
  readonly metric: string;
  readonly dimensions: Labels;
}

/** One unit of collection and of failure: an account × region × namespace, or an Azure resource. */
export interface Target {
  /** `prod-aws/111122223333/eu-central-1/AWS/Bedrock`; unique over all sources, stable over restarts. */
  readonly id: string;
  readonly source: string;
  readonly cloud: Cloud;
  readonly account: string;
  /** Lower case, no spaces. */
  readonly region: string;
  /** The Azure account; empty on AWS. */
  readonly resource: string;
  readonly labels: Labels;
  readonly rows: readonly CatalogRow[];
  readonly units: readonly MeterUnit[];
  /** True where the cloud's listing forgets: units seen once are polled on though no longer listed. */
  readonly rememberUnits: boolean;
  /** How far back the cloud keeps points of a period, finest first. Seconds. */
  readonly retention: readonly Retention[];
}

export interface Retention {
  readonly periodSeconds: number;
  readonly ageSeconds: number;
}

/** What could not be looked at. Targets of a failed scope that were known before stay as they were. */
export interface ScopeFailure {
  /** A prefix of the ids of the targets it hides: `prod-aws/111122223333/eu-central-1`. */
  readonly scope: string;
  readonly error: ExternalError;
}

export interface Discovery {
  /**
   * Prefixes of target ids that were looked at in full: `prod-aws/111122223333/eu-central-1`. A known target under
   * none of these, nor under a failure's scope, is no longer configured and is not polled on.
   */
  readonly scopes: readonly string[];
  readonly targets: readonly Target[];
  readonly inventory: readonly InventorySnapshot[];
  readonly failures: readonly ScopeFailure[];
}

export interface CollectRequest {
  readonly target: Target;
  /** Which of the target's units to read; every one of them comes back whole or the call throws. */
  readonly units: readonly MeterUnit[];
  /** Aligned to `periodSeconds`. */
  readonly window: Window;
  readonly periodSeconds: number;
}

/** One statistic of one series over a window, in the vendor's words, columnar. `starts[i]` belongs to `values[i]`. */
export interface Sample {
  readonly unitKey: string;
  readonly rowId: string;
  readonly metric: string;
  readonly dimensions: Labels;
  readonly statistic: string;
  readonly starts: readonly Instant[];
  readonly values: readonly number[];
}

/** Calls made or planned, with the cloud's list price of them. */
export interface ApiCost {
  readonly operation: string;
  readonly calls: number;
  readonly costNanoUsd: bigint;
}

/** Holds no schedule, no storage and no retry loop. */
export interface Collector {
  /** The source's name in the configuration. */
  readonly name: string;
  readonly cloud: Cloud;
  /** Throws only when nothing at all could be looked at; a denied region or subscription is a ScopeFailure. */
  discover(signal: AbortSignal): Promise<Discovery>;
  /** Every sample of the window, or a throw (ExternalError): never part of a window. */
  collect(request: CollectRequest, signal: AbortSignal): Promise<readonly Sample[]>;
  /** What the request would cost at the cloud's list price, before making it. */
  price(request: CollectRequest): ApiCost;
  /** The same of one whole `discover` that finds these targets; free calls count as calls. */
  priceListing(targets: readonly Target[]): ApiCost;
  /**
   * Tries every right it needs, each with the smallest call of its kind, and changes nothing. Never rejects: a refusal
   * hides nothing of the others, and what is not tried when `signal` aborts is said.
   */
  probe(signal: AbortSignal): Promise<readonly Permission[]>;
  close(): Promise<void>;
}
