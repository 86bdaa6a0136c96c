import { createHash } from 'node:crypto';

/** The same text for the same data, and in practice for no other: 22 letters, digits, `-` and `_`. */
export function fingerprint(data: unknown): string {
  const text = JSON.stringify(data, (_key, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
