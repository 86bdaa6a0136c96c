import type { AlertUnit, Certainty } from '../../core/alert.ts';
import type { OutboxReader } from '../../core/alert-store.ts';
import type { ModelDrift } from '../../core/audit.ts';
import type { Labels } from '../../core/cloud.ts';
import type { Dimension } from '../../core/dimension.ts';
import type { NamedTraffic } from '../../core/ledger-rows.ts';
import type { NanoUsd } from '../../core/money.ts';
import type { PriceBookReader } from '../../core/price-store.ts';
import type { StatusReader, UsageReader } from '../../core/store.ts';
import type { Instant } from '../../core/time.ts';
import type { TeamRule } from '../../query/dimensions.ts';
import type { AnomalyMemory } from './anomaly-memory.ts';

export type RuleKind =
  | 'throttle_ratio'
  | 'error_ratio'
  | 'latency_ms'
  | 'first_token_ms'
  | 'quota_ratio'
  | 'source_stale'
  | 'bill_drift'
  | 'unpriced_tokens'
  | 'price_change'
  | 'anomaly'
  | 'collection_slowed'
  | 'api_spend'
  | 'delivery_failing'
  | 'heartbeat'
  | 'contract_violation';

/** A rule as the configuration says it. */
export interface Rule {
  readonly name: string;
  readonly kind: RuleKind;
  /** In the kind's own unit; undefined: its default, see `ruleKindFacts`. */
  readonly above?: { readonly value: number } | undefined;
  /** Of data time. */
  readonly forSeconds: number;
  /** One series for each combination of values; of kinds that tell their series apart themselves without effect. */
  readonly by: readonly Dimension[];
  readonly minRequests?: number | undefined;
  readonly minNanoUsd?: NanoUsd | undefined;
  readonly severity: string;
  readonly runbook?: string | undefined;
  /** Names of notifiers. */
  readonly notify: readonly string[];
}

/** How fast one quota is used; what the cloud says of it. */
export interface QuotaUse {
  readonly traffic: NamedTraffic;
  /** What is limited, for people: `tokens per minute`. */
  readonly what: string;
  readonly used: number;
  /** Null: nobody knows the limit. */
  readonly quota: number | null;
  readonly until: Instant;
}

/** What the audit says of models, and of which days. */
export interface DriftState {
  readonly models: readonly ModelDrift[];
  /** The end of the days that were compared. */
  readonly until: Instant;
}

/** What rules are decided by. */
export interface RuleDeps {
  readonly reader: Pick<UsageReader, 'identities' | 'coverageByTraffic' | 'amounts' | 'latency'>;
  readonly status: StatusReader;
  /** Every price that rates; those of the user's own file are among them where the caller adds them. */
  readonly book: Pick<PriceBookReader, 'prices'>;
  readonly outbox: Pick<OutboxReader, 'deliveries'>;
  /** Names of the configured sources. */
  readonly sources: readonly string[];
  /** Names of the configured notifiers. */
  readonly notifiers: readonly string[];
  readonly teams: readonly TeamRule[];
  /** How often targets are read unless slowed. */
  readonly everySeconds: number;
  /** What a source may spend on its calls a day; undefined: not known yet. */
  readonly spendLimitOf: (source: string) => NanoUsd | undefined;
  /** Absent: there is no audit. It is asked in each evaluation that has a rule of it, so it should remember its answer. */
  readonly drifts?: ((now: Instant) => Promise<DriftState>) | undefined;
  /** Absent: no quota is known. */
  readonly quotas?: ((now: Instant) => Promise<readonly QuotaUse[]>) | undefined;
  /** Where people reach the agent, without a slash at the end. */
  readonly publicUrl?: string | undefined;
  /** Keeps what was found of an hour until the next one; without, the history is read in each evaluation. */
  readonly anomalies?: AnomalyMemory | undefined;
}

/** What was found of one series of a rule. */
export interface Finding {
  /** What tells it from the rule's other series; sorted by name, no empty values. */
  readonly series: Labels;
  readonly state: 'met' | 'clear' | 'no_data';
  readonly near?: boolean;
  readonly value: number | null;
  readonly threshold: number | null;
  readonly unit?: AlertUnit;
  readonly certainty?: Certainty;
  readonly incomplete?: boolean;
  readonly dataUntil: Instant;
  /** A sentence with the figures. */
  readonly summary: string;
  readonly description?: string;
  /** More labels by which people route; they follow from `series`. */
  readonly labels?: Labels;
}
