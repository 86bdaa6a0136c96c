import type { ExternalError, FailureReason } from './errors.ts';
import { toExternalError } from './errors.ts';

/** What a right is for, in the order in which a collector needs them. */
export type Feature =
  | 'sign in'
  | 'accounts'
  | 'deployments'
  | 'list meters'
  | 'read meters'
  | 'inference profiles'
  | 'tags'
  | 'provisioned throughput'
  | 'bills'
  | 'quotas';

/** What gives a missing right. */
export interface Grant {
  /** An IAM action, `cloudwatch:GetMetricData`, or an Azure role, `Monitoring Reader`. */
  readonly right: string;
  /** Who needs it: an ARN or an object id, as the cloud says it; empty where it does not say. */
  readonly to: string;
  /** On what: `*`, a role's ARN, `/subscriptions/…`. */
  readonly on: string;
}

/**
 * `nothing_there`: there is nothing that needs the right. `blocked`: what it would be tried on could not be listed.
 * `out_of_time`: the time for trying was over. `not_collected`: this version does not collect it.
 */
export type Untried = 'nothing_there' | 'blocked' | 'out_of_time' | 'not_collected';

/** One right on one scope, as one small call of the collector found it. */
export interface Permission {
  /** The AWS account or Azure subscription; empty where it is not known, or where all of them are meant. */
  readonly account: string;
  /** Within the account: a region, an Azure account; empty where the whole account is meant. */
  readonly place: string;
  readonly feature: Feature;
  /** In the cloud's words: `cloudwatch:GetMetricData`, `Microsoft.Insights/metrics/read`. */
  readonly operation: string;
  /** `failed`: there was an answer, or none, that says nothing about the right. */
  readonly state: 'ok' | 'denied' | 'failed' | 'not_tried';
  readonly untried?: Untried;
  readonly reason?: FailureReason;
  /** Why it is denied, failed or not tried. Carries no secret. */
  readonly message?: string;
  /** What a person can do about it. */
  readonly hint?: string;
  readonly grant?: Grant;
}

/** What is about to be tried. */
export interface Right extends Pick<Permission, 'account' | 'place' | 'feature' | 'operation'> {
  /** What would give it, told by the refusal; undefined where no grant mends it (an expired key, say). */
  readonly grantFor: (refusal: ExternalError) => Grant | undefined;
}

export interface Tried<Value> {
  readonly permission: Permission;
  /** What the call answered; undefined unless the right is there. */
  readonly value?: Value;
}

/** Tries a right once. Never rejects: an abort is a right that was not tried, or not to its end. */
export async function tryRight<Value>(
  { grantFor, ...right }: Right,
  call: () => Promise<Value>,
  signal: AbortSignal,
): Promise<Tried<Value>> {
  if (signal.aborted) return { permission: untried(right, 'out_of_time') };
  try {
    return { value: await call(), permission: { ...right, state: 'ok' } };
  } catch (thrown) {
    if (signal.aborted) return { permission: { ...right, state: 'failed', ...tooLate } };
    const error = toExternalError(thrown, right.operation);
    const { reason, operation, message, hint } = error;
    const grant = reason === 'denied' ? grantFor(error) : undefined;
    const state = reason === 'denied' ? 'denied' : 'failed';
    const told = { state, operation, reason, message, hint } as const;
    return { permission: { ...right, ...told, ...(grant && { grant }) } };
  }
}

/** A right that was not tried, and why. */
export function untried(
  { account, place, feature, operation }: Omit<Right, 'grantFor'>,
  why: Untried,
  message: string = untriedMessages[why],
): Permission {
  return { account, place, feature, operation, state: 'not_tried', untried: why, message };
}

const tooLate = {
  reason: 'timeout',
  message: 'no answer before the time for trying was over',
  hint: 'Look at the network path to the cloud, then run it again.',
} as const;

const untriedMessages: Readonly<Record<Untried, string>> = {
  nothing_there: 'there is nothing to try it on',
  blocked: 'what it would be tried on could not be listed',
  out_of_time: 'the time for trying was over',
  not_collected: 'this version does not collect it yet',
};
