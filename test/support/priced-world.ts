import type { Price } from '../../agent/core/price.ts';
import type { IdentityRow } from '../../agent/core/store.ts';
import type { Instant } from '../../agent/core/time.ts';
import type { Amounts } from '../../agent/core/usage.ts';
import { explainCost } from '../../agent/pricing/cost-lines.ts';
import { createRater } from '../../agent/pricing/rater.ts';
import type { ChangeReaders } from '../../agent/query/changes.ts';
import { memoryReader } from './memory-reader.ts';
import type { MemoryLedger } from './memory-reader.ts';

export interface Used {
  readonly identityId: number;
  readonly start: Instant;
  readonly amounts: Partial<Amounts>;
}

/** Rows in memory that cost what the ledger would rate them at by these prices, with the cards. */
export function pricedWorld(
  prices: readonly Price[],
  identities: readonly IdentityRow[],
  used: readonly Used[],
  rest: Partial<MemoryLedger> = {},
): { readonly readers: ChangeReaders; readonly ledger: MemoryLedger } {
  const rater = createRater(prices, []);
  const byId = new Map(identities.map((one) => [one.id, one]));
  const cardsOf = (id: number) => {
    const identity = byId.get(id);
    return identity === undefined ? undefined : rater.cardsOf(identity);
  };
  const amounts = used.map(({ identityId, start, amounts: told }) => {
    const card = cardsOf(identityId)?.findLast(({ from }) => from <= start)?.card;
    if (card === undefined) throw new Error(`no identity ${identityId}`);
    const rated = rater.rate(card, { ...untold, ...told }, { mostInputTokens: null });
    const { cost, low, high, unpricedTokens } = rated;
    const row = { identityId, start, period: 'minute', amounts: told } as const;
    if (cost === null || low === null || high === null) return row;
    return { ...row, cost: { low, best: cost, high }, unpricedTokens };
  });
  const ledger = { identities, amounts, latency: [], coverage: [], ...rest };
  const cards = { cardsOf: async (id: number) => cardsOf(id) };
  return { ledger, readers: { usage: memoryReader(ledger), cards, explainCost } };
}

const untold: Amounts = {
  input: null,
  cacheRead: null,
  cacheWrite: null,
  output: null,
  unsplitInput: null,
  requests: null,
  errors: null,
  throttles: null,
};
