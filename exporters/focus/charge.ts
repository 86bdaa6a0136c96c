import type { Charge, ChargedAmount, ZeptoUsd } from '../../agent/core/charge.ts';
import type { NanoUsd } from '../../agent/core/money.ts';

/** Decimals of a quantity. */
export const quantityScale = 12;

/** Millions of tokens, or unit-hours, times ten to the 12th; null of what has no quantity. */
export function pricingQuantityOf(charge: Charge): bigint | null {
  if (charge.kind === 'tokens') return BigInt(charge.tokens) * 1_000_000n;
  return charge.kind === 'capacity' ? charge.unitHours : null;
}

/** Tokens, or unit-hours, times ten to the 12th. */
export function consumedQuantityOf(charge: Charge): bigint | null {
  if (charge.kind === 'tokens') return BigInt(charge.tokens) * 1_000_000_000_000n;
  return pricingQuantityOf(charge);
}

/** After any discount, for one unit of the pricing quantity. */
export function contractedPriceOf(charge: Charge): NanoUsd | null {
  return charge.kind === 'tokens' || charge.kind === 'capacity' ? charge.rate : null;
}

export function listPriceOf(charge: Charge): NanoUsd | null {
  return charge.kind === 'tokens' ? charge.listRate : contractedPriceOf(charge);
}

export function contractedCostOf(charge: Charge): ZeptoUsd {
  return costAt(charge, contractedPriceOf(charge));
}

export function listCostOf(charge: Charge): ZeptoUsd {
  return costAt(charge, listPriceOf(charge));
}

/** Quantity times price: the decimals of a quantity and of a price are those of a cost. */
function costAt(charge: Charge, price: NanoUsd | null): ZeptoUsd {
  if (charge.kind === 'rounding' || charge.kind === 'difference') return charge.cost;
  return (pricingQuantityOf(charge) ?? 0n) * (price ?? 0n);
}

/** The words of a kind of token. `cacheAction` null: cached and uncached are one, or it is no matter of a cache. */
export interface TokenWords {
  readonly meter: string;
  readonly sku: string;
  readonly direction: 'Input' | 'Output';
  readonly cacheAction: 'Uncached' | 'Read' | 'Write' | null;
}

export const tokenWords: Readonly<Record<ChargedAmount, TokenWords>> = {
  input: { meter: 'Input Tokens', sku: 'input', direction: 'Input', cacheAction: 'Uncached' },
  cacheRead: {
    meter: 'Cache Read Input Tokens',
    sku: 'cache_read',
    direction: 'Input',
    cacheAction: 'Read',
  },
  cacheWrite: {
    meter: 'Cache Write Input Tokens',
    sku: 'cache_write',
    direction: 'Input',
    cacheAction: 'Write',
  },
  output: { meter: 'Output Tokens', sku: 'output', direction: 'Output', cacheAction: null },
  unsplitInput: { meter: 'Input Tokens', sku: 'input', direction: 'Input', cacheAction: null },
};

export const tokenTypes: Readonly<Record<ChargedAmount, string>> = {
  input: 'input',
  cacheRead: 'cache_read',
  cacheWrite: 'cache_write',
  output: 'output',
  unsplitInput: 'unsplit_input',
};

/** How the cost came about, in the words of `cost_method`. */
export function costMethodOf(charge: Charge): string {
  if (charge.kind === 'capacity') return 'provisioned';
  if (charge.kind !== 'tokens') return charge.kind;
  if (!charge.perToken) return 'provisioned';
  return charge.low === charge.high ? 'list' : 'range';
}

/** Whether the charge is of some traffic, not of an account as a whole. */
export function isOfTraffic(charge: Charge): boolean {
  return charge.kind !== 'rounding';
}
