import type { Config } from './schema.ts';
import { isSecretText } from './secrets.ts';

export type Described =
  | string
  | number
  | boolean
  | null
  | readonly Described[]
  | { readonly [key: string]: Described };

/**
 * The configuration as plain data for logs and `check`: secrets as `***`, nano-dollars as dollars in decimal text,
 * nothing undefined.
 */
export function describeConfig(config: Config): { readonly [key: string]: Described } {
  return describeMapping(config);
}

function describeMapping(value: object): { readonly [key: string]: Described } {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== undefined)
      .map(([key, entry]) => [inDollars(key), describe(entry)]),
  );
}

function describe(value: unknown): Described {
  if (isSecretText(value)) return value.toJSON();
  if (Array.isArray(value)) return value.map(describe);
  if (typeof value === 'object' && value !== null) return describeMapping(value);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  return typeof value === 'bigint' ? decimal(value) : null;
}

/** 1_500_000_000n nano-dollars is `1.5`. */
function decimal(nano: bigint): string {
  const digits = nano.toString().padStart(10, '0');
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`.replace(/\.?0+$/, '');
}

/** `nanoUsdPerDay` is shown as `usdPerDay`. */
function inDollars(key: string): string {
  return key.replace('nanoUsd', 'usd').replace('NanoUsd', 'Usd');
}
