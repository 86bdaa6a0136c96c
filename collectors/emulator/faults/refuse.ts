import { secondMs } from '../../../agent/core/time.ts';
import type { Instant } from '../../../agent/core/time.ts';
import {
  AwsError,
  bedrockRefusal,
  cloudWatchRefusal,
  costRefusal,
  stsRefusal,
} from '../aws/errors.ts';
import type { Call } from '../faults.ts';
import { jsonAnswer } from '../http.ts';
import type { Answer, Served } from '../http.ts';
import type { Refusal, RetrySpelling } from './script.ts';

/** What every refusal with a Retry-After asks for. */
const askedWaitSeconds = 90;

const spelled: Readonly<Record<RetrySpelling, (at: Instant) => Readonly<Record<string, string>>>> =
  {
    'retry-after': () => ({ 'retry-after': String(askedWaitSeconds) }),
    'http-date': (at) => ({
      'retry-after': new Date(at + askedWaitSeconds * secondMs).toUTCString(),
    }),
    'retry-after-ms': () => ({ 'retry-after-ms': String(askedWaitSeconds * secondMs) }),
    'x-ms-retry-after-ms': () => ({ 'x-ms-retry-after-ms': String(askedWaitSeconds * secondMs) }),
  };

/** The refusal in the shape of the service that is called, `at` by the cloud's clock. */
export function refuse(refusal: Refusal, call: Call, at: Instant): Answer {
  const answer = shaped(refusal, call);
  const { retryAfter } = refusal;
  if (retryAfter === undefined) return answer;
  return { ...answer, headers: { ...answer.headers, ...spelled[retryAfter](at) } };
}

function shaped(refusal: Refusal, { cloud, operation }: Call): Served {
  const { status, code, message, queryErrorHeader = true } = refusal;
  if (cloud === 'azure') return jsonAnswer(status, { error: { code, message } });
  const error = new AwsError(status, code, message);
  if (operation.startsWith('sts:')) return stsRefusal(error);
  if (operation.startsWith('bedrock:')) return bedrockRefusal(error);
  if (operation.startsWith('ce:')) return costRefusal(error);
  return cloudWatchRefusal(error, queryErrorHeader);
}
