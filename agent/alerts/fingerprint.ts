import type { Labels } from '../core/cloud.ts';

const offset = 0xcbf29ce484222325n;
const prime = 0x100000001b3n;
const separator = 0xff;

/**
 * The fingerprint that Prometheus and Alertmanager give these labels: FNV-1a, 64 bits, over names and values in order of
 * names, as 16 hexadecimal digits. https://github.com/prometheus/common/blob/main/model/signature.go
 */
export function fingerprintOf(labels: Labels): string {
  const encoder = new TextEncoder();
  let hash = offset;
  const add = (byte: number): void => {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * prime);
  };
  const entries = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const part of entries.flat()) {
    for (const byte of encoder.encode(part)) add(byte);
    add(separator);
  }
  return hash.toString(16).padStart(16, '0');
}
