/**
 * One Azure source. Secrets are functions, read again at every use, so that a rotated file is picked up and no secret
 * lies in an object that may be printed.
 */
export interface AzureConfig {
  /** The source's name; it begins every target id. */
  readonly name: string;
  /** Subscription ids; absent or none: all that the credential sees. */
  readonly subscriptions?: readonly string[];
  readonly credential: AzureCredentialConfig;
  /** Resource Manager's address, and the metrics batch one's outside the known clouds; http only on loopback. */
  readonly endpoint?: string;
  /** Read metrics through the billed batch data plane instead of Resource Manager. */
  readonly batch?: boolean;
  /**
   * Nano-dollars a batch call costs: 10,000 unless given, that is $0.01 per 1,000 calls. Microsoft says that batch
   * calls are billed but not where this figure stands, so it is an unverified assumption; 0 switches it off.
   * https://learn.microsoft.com/en-us/azure/azure-monitor/metrics/migrate-to-batch-api
   */
  readonly batchCallNanoUsd?: bigint;
  /** One HTTP call may take this long, its token included; 30 s unless given. */
  readonly timeoutMs?: number;
}

/** How the source proves who it is. */
export type AzureCredentialConfig =
  | { readonly kind: 'default' }
  | {
      readonly kind: 'client_secret';
      readonly tenantId: string;
      readonly clientId: string;
      readonly clientSecret: () => string;
    }
  | { readonly kind: 'managed_identity'; readonly clientId?: string }
  | {
      readonly kind: 'workload_identity';
      readonly tenantId?: string;
      readonly clientId?: string;
      readonly tokenFile?: string;
    }
  /** A fixed bearer token; only with an endpoint on loopback. */
  | { readonly kind: 'static_token'; readonly token: () => string };
