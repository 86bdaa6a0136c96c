export type FailureReason =
  | 'unreachable'
  | 'timeout'
  | 'throttled'
  | 'denied'
  | 'bad_response'
  | 'conflict';

export interface FailureDetail {
  readonly reason: FailureReason;
  /** What was attempted, in the vendor's words: `cloudwatch:GetMetricData`. */
  readonly operation: string;
  /** What a person can do about it. */
  readonly hint: string;
  /** How long the other side asked us to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  /** True where the credentials themselves were refused or could not be had: whoever else uses them fails alike. */
  readonly ofCredentials?: boolean;
  /** True where nobody was asked: the source's own spend limit holds the call back. */
  readonly ofOwnLimit?: boolean;
}

/** A failure of something outside this process. Its message never carries a secret. */
export class ExternalError extends Error {
  readonly reason: FailureReason;
  readonly operation: string;
  readonly hint: string;
  readonly retryAfterMs: number | undefined;
  readonly ofCredentials: boolean;
  readonly ofOwnLimit: boolean;

  constructor(message: string, detail: FailureDetail, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ExternalError';
    this.reason = detail.reason;
    this.operation = detail.operation;
    this.hint = detail.hint;
    this.retryAfterMs = detail.retryAfterMs;
    this.ofCredentials = detail.ofCredentials ?? false;
    this.ofOwnLimit = detail.ofOwnLimit ?? false;
  }

  /** Whether the same call may succeed later with nobody doing anything. */
  get retryable(): boolean {
    return this.reason !== 'denied' && this.reason !== 'conflict';
  }
}

/** Any thrown value as an ExternalError; what is not one becomes `bad_response`, message kept. */
export function toExternalError(thrown: unknown, operation: string): ExternalError {
  if (thrown instanceof ExternalError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ExternalError(
    message,
    {
      reason: 'bad_response',
      operation,
      hint: 'Report this with the log line: it is not a known answer.',
    },
    { cause: thrown },
  );
}
