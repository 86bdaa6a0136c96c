import type { HttpClient } from '@azure/core-rest-pipeline';
import type { GuardedCredential } from './credential.ts';
import type { Attempt } from './errors.ts';

/** Runs one call under a time limit; whatever it throws comes out as an ExternalError without secrets. */
type Call = <T>(
  attempt: Attempt,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
) => Promise<T>;

/** What the two adapters need of the connection. */
export interface Transport {
  readonly guarded: GuardedCredential;
  readonly httpClient?: HttpClient;
  readonly call: Call;
}
