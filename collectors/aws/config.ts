import type { ApiMeter } from '../../agent/core/api-call.ts';
import type { Clock } from '../../agent/core/time.ts';

/** A role to read another account with. */
export interface AwsRole {
  /** `arn:aws:iam::111122223333:role/crossbill`; it also says which account the role reads. */
  readonly arn: string;
  /** Asked each time the role is assumed, so that a rotated secret is picked up. */
  readonly externalId?: () => string;
}

/** One AWS source. Secrets are functions, so that none lies in an object that may be printed. */
export interface AwsConfig {
  /** The source's name; it begins every target id. */
  readonly name: string;
  /** `auto`: every commercial region that has Bedrock. */
  readonly regions: 'auto' | readonly string[];
  /** None: the account of the agent's own credentials. */
  readonly roles: readonly AwsRole[];
  /** The address of every AWS service, STS included; regions are then told apart by the signature only. */
  readonly endpoint?: string;
  /** Whether the accounts are monitoring accounts, whose listing tells the metrics of accounts linked to them. */
  readonly linkedAccounts: boolean;
  /** How long one call may take, signing in and every byte of the answer included. 30,000 unless given. */
  readonly timeoutMs?: number;
}

export const defaultTimeoutMs = 30_000;

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** What the collector needs of the process around it. */
export interface AwsDeps {
  readonly clock: Pick<Clock, 'now'>;
  /** The agent's own credentials; absent: the SDK's default chain (environment, profile, container, instance). */
  readonly credentials?: () => Promise<AwsCredentials>;
  /** Counts, prices and paces every request; absent: none of it. */
  readonly meter?: ApiMeter;
}
