import { ExternalError } from '../../agent/core/errors.ts';
import type { FailureReason } from '../../agent/core/errors.ts';
import type { Instant } from '../../agent/core/time.ts';
import { advise } from './hints.ts';
import type { CallContext, Denial } from './hints.ts';
import { redact } from './redact.ts';

/** What a failure says of itself, whatever its shape. */
interface Symptoms {
  /** The error's name without the word Exception: both styles of the protocol read the same. */
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly status: number | undefined;
}

const denials: ReadonlyMap<string, Denial> = new Map(
  Object.entries<Denial>({
    AccessDenied: 'policy',
    Unauthorized: 'policy',
    UnauthorizedOperation: 'policy',
    NotAuthorized: 'policy',
    ExpiredToken: 'expired',
    RequestExpired: 'expired',
    InvalidClientTokenId: 'unknown',
    UnrecognizedClient: 'unknown',
    InvalidAccessKeyId: 'unknown',
    AuthFailure: 'unknown',
    SignatureDoesNotMatch: 'signature',
    InvalidSignature: 'signature',
    IncompleteSignature: 'signature',
    RequestTimeTooSkewed: 'signature',
    MissingAuthenticationToken: 'missing',
    CredentialsProviderError: 'missing',
    TokenProviderError: 'missing',
    OptInRequired: 'not_enabled',
    SubscriptionRequired: 'not_enabled',
  }),
);

const reasons: ReadonlyMap<string, FailureReason> = new Map(
  Object.entries<FailureReason>({
    Throttling: 'throttled',
    Throttled: 'throttled',
    TooManyRequests: 'throttled',
    RequestLimitExceeded: 'throttled',
    RequestThrottled: 'throttled',
    SlowDown: 'throttled',
    // Cost Explorer's own word for it.
    LimitExceeded: 'throttled',
    ServiceUnavailable: 'unreachable',
    TimeoutError: 'timeout',
    AbortError: 'timeout',
    RequestTimeout: 'timeout',
    ETIMEDOUT: 'timeout',
    ESOCKETTIMEDOUT: 'timeout',
    ECONNREFUSED: 'unreachable',
    ECONNRESET: 'unreachable',
    ECONNABORTED: 'unreachable',
    EPIPE: 'unreachable',
    ENOTFOUND: 'unreachable',
    EAI_AGAIN: 'unreachable',
    EHOSTUNREACH: 'unreachable',
    ENETUNREACH: 'unreachable',
    EPROTO: 'unreachable',
    UND_ERR_SOCKET: 'unreachable',
    UND_ERR_CONNECT_TIMEOUT: 'timeout',
  }),
);

/** Of a key that is wrong, whatever is asked for with it. */
const credentialDenials: ReadonlySet<Denial> = new Set([
  'expired',
  'unknown',
  'signature',
  'missing',
] as const);

/**
 * Anything an SDK call throws, as an ExternalError. Names come in two styles (`Throttling`, `ThrottlingException`),
 * depending on a header of the answer. The original is not kept as `cause`: its message and its hidden response can
 * hold a session token.
 */
export function toAwsError(thrown: unknown, context: CallContext, now: Instant): ExternalError {
  if (thrown instanceof ExternalError) return thrown;
  const symptoms = symptomsOf(thrown);
  const denial = denialOf(symptoms);
  const reason = denial === undefined ? reasonOf(symptoms) : 'denied';
  const said = redact(symptoms.message, context.secrets ?? []);
  const label = symptoms.code === '' ? symptoms.name : symptoms.code;
  const retryAfterMs = retryAfterOf(thrown, now);
  return new ExternalError(
    `${context.operation} in ${context.region} as ${context.principal}: ${label}${said === '' ? '' : `: ${said}`}`,
    {
      reason,
      operation: context.operation,
      hint: advise(reason, denial, said, context),
      ofCredentials:
        denial !== undefined &&
        (context.operation === 'sts:AssumeRole' || credentialDenials.has(denial)),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  );
}

function denialOf({ name, status }: Symptoms): Denial | undefined {
  const known = denials.get(name);
  if (known !== undefined) return known;
  return (status === 401 || status === 403) && name !== 'SyntaxError' ? 'policy' : undefined;
}

function reasonOf({ name, code, message, status }: Symptoms): FailureReason {
  if (/socket hang up/i.test(message)) return 'unreachable';
  if (/certificate|^ERR_(?:TLS|SSL)_/i.test(`${code} ${message}`)) return 'unreachable';
  const known = reasons.get(code) ?? reasons.get(name);
  if (known !== undefined) return known;
  if (status === 429 || status === 529) return 'throttled';
  return status === 502 || status === 503 || status === 504 ? 'unreachable' : 'bad_response';
}

/** Reads names, codes and status from an error, or from any other value. */
function symptomsOf(thrown: unknown): Symptoms {
  if (!isRecord(thrown))
    return { name: 'Error', code: '', message: String(thrown), status: undefined };
  const inner = innerOf(thrown);
  const code = textOf(thrown['code']) || textOf(inner?.['code']);
  const metadata = thrown['$metadata'];
  const fromMetadata = isRecord(metadata) ? metadata['httpStatusCode'] : undefined;
  const status = fromMetadata ?? responseOf(thrown)?.['statusCode'];
  return {
    name: textOf(thrown['name']).replace(/Exception$/, '') || 'Error',
    code,
    message: textOf(inner?.['message']) || textOf(thrown['message']),
    status: typeof status === 'number' ? status : undefined,
  };
}

/** The reason inside: of several failed addresses the first, of a failed fetch its cause. */
function innerOf(
  thrown: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> | undefined {
  const inner = Array.isArray(thrown['errors']) ? thrown['errors'].find(isRecord) : thrown['cause'];
  if (!isRecord(inner)) return undefined;
  return innerOf(inner) ?? inner;
}

/** `Retry-After` of the answer, in seconds or as a date, as milliseconds from now. */
function retryAfterOf(thrown: unknown, now: Instant): number | undefined {
  const headers = isRecord(thrown) ? responseOf(thrown)?.['headers'] : undefined;
  if (!isRecord(headers)) return undefined;
  const value = textOf(
    Object.entries(headers).find(([header]) => header.toLowerCase() === 'retry-after')?.[1],
  );
  if (/^\d+(?:\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1_000);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

/** The SDK keeps the raw answer on the error, hidden from printing. */
function responseOf(
  thrown: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> | undefined {
  const response = thrown['$response'];
  return isRecord(response) ? response : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
