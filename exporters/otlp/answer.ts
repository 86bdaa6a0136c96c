import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import * as z from 'zod';
import { secondMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';

/** What a backend says of the points it was sent. */
export interface Taken {
  /** Points it did not want; they must not be sent again. https://opentelemetry.io/docs/specs/otlp/#partial-success-1 */
  readonly rejected: number;
  /** Why, or a warning of a backend that took all; empty: nothing to say. */
  readonly message: string;
}

/** Of what a backend says, enough to recognise it. Characters. */
const shownCharacters = 200;

const partialSuccess = z.object({
  partialSuccess: z
    .object({
      // An int64, which JSON carries as text.
      rejectedDataPoints: z.coerce.number().int().min(0).catch(0).default(0),
      errorMessage: z.string().default(''),
    })
    .optional(),
});

/**
 * Reads the body of an answer that says success. Undefined where it is no answer of this protocol. Nothing at all is one:
 * that is what an empty message is in protobuf.
 */
export function readTaken(body: Uint8Array, contentType: string): Taken | undefined {
  if (body.length === 0) return { rejected: 0, message: '' };
  const isJson = /json/i.test(contentType);
  if (!isJson && !/protobuf/i.test(contentType)) return undefined;
  try {
    const said = isJson
      ? JSON.parse(new TextDecoder().decode(body))
      : ProtobufMetricsSerializer.deserializeResponse(body);
    const { partialSuccess: partial } = partialSuccess.parse(said);
    return {
      rejected: partial?.rejectedDataPoints ?? 0,
      message: shown(partial?.errorMessage ?? ''),
    };
  } catch {
    return undefined;
  }
}

const status = z.object({ message: z.string() });

/** Why an answer refuses: the message of a `google.rpc.Status` in JSON, else whatever of it can be read. */
export function readRefusal(body: Uint8Array): string {
  const text = new TextDecoder().decode(body);
  try {
    return shown(status.parse(JSON.parse(text)).message);
  } catch {
    return shown(text);
  }
}

/** Seconds or an HTTP date (RFC 9110, 10.2.3), in milliseconds from now; undefined where it does not say. */
export function readRetryAfter(header: string | null, now: Instant): number | undefined {
  const text = header?.trim() ?? '';
  if (text === '') return undefined;
  const wait = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * secondMs : Date.parse(text) - now;
  return Number.isNaN(wait) ? undefined : Math.max(0, Math.ceil(wait));
}

function shown(text: string): string {
  // Protobuf's own bytes, and what would break a line of the log.
  const readable = text
    .replaceAll(/[\p{C}\uFFFD]+/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return readable.slice(0, shownCharacters);
}
