import { createHmac } from 'node:crypto';

/** What a receiver knows a message by, and what it checks. */
export interface Signed {
  readonly id: string;
  readonly timestampSeconds: number;
  readonly body: string;
}

/**
 * Standard Webhooks' headers. With several secrets, spaces or commas between them, there is a signature by each, so that a
 * receiver may know either while they are rotated.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 * @param secrets undefined: unsigned
 */
export function standardHeaders(
  { id, timestampSeconds, body }: Signed,
  secrets: string | undefined,
): Readonly<Record<string, string>> {
  const signatures = secretsIn(secrets ?? '').map((secret) => {
    const signed = `${id}.${timestampSeconds}.${body}`;
    return `v1,${createHmac('sha256', keyOf(secret)).update(signed).digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    ...(signatures.length > 0 && { 'webhook-signature': signatures.join(' ') }),
  };
}

/** The single secrets of a text that may hold several. */
export function secretsIn(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((secret) => secret !== '');
}

/** `whsec_` says that the rest is base64; any other text is the key itself. */
function keyOf(secret: string): Buffer {
  const prefix = 'whsec_';
  return secret.startsWith(prefix)
    ? Buffer.from(secret.slice(prefix.length), 'base64')
    : Buffer.from(secret, 'utf8');
}
