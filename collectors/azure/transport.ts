import type { HttpClient } from '@azure/core-rest-pipeline';
import type { RateLimit } from '../../agent/core/api-call.ts';
import type { GuardedCredential } from './credential.ts';
import type { Attempt } from './errors.ts';

/** An attempt that makes a request: on whose bill it is. */
export interface Errand extends Attempt {
  /** A target's id, or the scope that is listed. */
  readonly scope: string;
  /** Whose reads Azure limits; empty where all of them are listed. */
  readonly subscription: string;
}

/** How one request counts. */
interface Toll {
  readonly limit: RateLimit;
  /** Nothing unless given. */
  readonly costNanoUsd?: bigint;
}

/**
 * Runs one request once the meter lets it go, under a time limit that the wait is no part of; whatever it throws comes
 * out as an ExternalError without secrets.
 */
type Call = <T>(
  errand: Errand,
  toll: Toll,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
) => Promise<T>;

/** What the two adapters need of the connection. */
export interface Transport {
  readonly guarded: GuardedCredential;
  readonly httpClient?: HttpClient;
  readonly call: Call;
}
