import type { NanoUsd } from '../../../agent/core/money.ts';
import type { Instant } from '../../../agent/core/time.ts';
import { canonicalOf } from '../../../agent/normalize/canonical-of.ts';
import { createBook } from '../../../agent/pricing/book.ts';
import type { PriceBook } from '../../../agent/pricing/book.ts';
import type { DefaultBook } from '../../../agent/pricing/genai/book.ts';
import { lookUp } from '../../../agent/pricing/lookup.ts';
import type { Traffic } from '../../../agent/pricing/scope.ts';
import { leftOutReasons, misfiled, onMantle, outdated } from './crosscheck-known.ts';
import { litellmAt, litellmItems, nanoOf, scopeOf } from './litellm.ts';
import type { LitellmEntry, LitellmItem, LitellmScope } from './litellm.ts';

/** One amount of LiteLLM's list beside ours. */
export interface Comparison {
  readonly entry: LitellmEntry;
  readonly item: LitellmItem;
  readonly theirs: NanoUsd;
  readonly ours: NanoUsd | undefined;
  /** Absent where both say the same; `unexplained` where no rule knows why they do not. */
  readonly reason?: string;
}

export function compare(
  book: DefaultBook,
  entries: readonly LitellmEntry[],
): readonly Comparison[] {
  const prices = createBook(book.prices, []);
  const models = new Set(book.prices.map(({ cloud, model }) => `${cloud} ${model}`));
  const left = leftOutReasons(book.leftOut);
  return entries.flatMap((entry) =>
    litellmItems.flatMap((item): readonly Comparison[] => {
      const theirs = nanoOf(entry, item);
      if (theirs === undefined || theirs === 0n) return [];
      const side = sideOf(entry, item, prices);
      const ours = side.amountOf({});
      if (ours === theirs) return [{ entry, item, theirs, ours }];
      const facts: Facts = { entry, item, theirs, ours, ...side, models, left };
      const reason = rules.find(({ holds }) => holds(facts))?.reason ?? 'unexplained';
      return [{ entry, item, theirs, ours, reason }];
    }),
  );
}

interface Side {
  readonly scope: LitellmScope;
  readonly traffic: Traffic | undefined;
  /** Our amount, or what it would be for other traffic or at another time. */
  readonly amountOf: (other: Partial<Traffic> & { readonly at?: Instant }) => NanoUsd | undefined;
}

function sideOf(entry: LitellmEntry, item: LitellmItem, prices: PriceBook): Side {
  const scope = scopeOf(entry.id);
  const canonical = canonicalOf(scope.cloud, scope.id);
  const traffic: Traffic | undefined =
    canonical === undefined
      ? undefined
      : {
          ...canonical,
          cloud: scope.cloud,
          account: '',
          region: scope.region,
          routing: scope.reach === '' ? canonical.routing : scope.reach,
          tier: 'standard',
        };
  return {
    scope,
    traffic,
    amountOf: ({ at = litellmAt, ...other }) =>
      traffic === undefined ? undefined : amountIn(prices, item, { ...traffic, ...other }, at),
  };
}

function amountIn(
  prices: PriceBook,
  item: LitellmItem,
  traffic: Traffic,
  at: Instant,
): NanoUsd | undefined {
  if (item === 'cache_write_1h') {
    const found = lookUp(prices, 'cache_write', traffic, at);
    return found.find(({ cacheTtl }) => cacheTtl === '1h')?.short.nanoUsd;
  }
  const [, kind, above] = /^(.+?)(?:_above_(\d+)k)?$/.exec(item) ?? [];
  const plain = (['input', 'output', 'cache_read', 'cache_write'] as const).find(
    (one) => one === kind,
  );
  if (plain === undefined) return undefined;
  const [found] = lookUp(prices, plain, traffic, at);
  if (above === undefined) return found?.short.nanoUsd;
  const threshold = found?.long?.thresholdTokens ?? 0;
  return Math.round(threshold / 1000) === Number(above) ? found?.long?.nanoUsd : undefined;
}

interface Facts extends Comparison, Side {
  readonly models: ReadonlySet<string>;
  readonly left: ReadonlyMap<string, string>;
}

export interface Rule {
  readonly reason: string;
  readonly holds: (facts: Facts) => boolean;
}

/** Why LiteLLM's amount may not be ours. The first that holds is the reason; a disagreement without one fails the test. */
export const rules: readonly Rule[] = [
  {
    reason: 'not a model: no rule makes a canonical id of the key',
    holds: ({ traffic }) => traffic === undefined,
  },
  {
    reason: 'left out of the default book: text and other media in one count',
    holds: (facts) => leftAs(facts, 'mixed_modalities'),
  },
  {
    reason: "left out of the default book: the package has a price that is not Azure's",
    holds: (facts) => leftAs(facts, 'own_azure_price') || leftAs(facts, 'resold'),
  },
  {
    reason: 'the package has no such model for this cloud',
    holds: ({ traffic, models, scope }) =>
      traffic !== undefined && !models.has(`${scope.cloud} ${traffic.model}`),
  },
  {
    reason: 'Data Zone: the package has prices of Global deployments only',
    holds: ({ scope, ours }) => scope.reach === 'data_zone' && ours === undefined,
  },
  {
    reason: 'the package has no price of this item',
    holds: ({ item, ours }) => ours === undefined && item.startsWith('cache'),
  },
  {
    reason: 'the package has no such threshold',
    holds: ({ item, ours }) => ours === undefined && item.includes('above'),
  },
  {
    reason: 'dated price cut: the same until it came',
    holds: ({ theirs, amountOf }) => amountOf({ at: 0 }) === theirs,
  },
  {
    reason: "LiteLLM alone: a third list (Portkey, 2026-08-21) has the package's amounts",
    holds: ({ traffic, ours }) => ours !== undefined && outdated.has(traffic?.model ?? ''),
  },
  {
    reason: "LiteLLM has another model's or region's amounts under this key",
    holds: ({ entry, ours }) => ours !== undefined && misfiled.has(entry.id),
  },
  {
    reason: 'LiteLLM has an amount of its own for the Mantle endpoint',
    holds: ({ entry, ours }) => ours !== undefined && onMantle.has(entry.id),
  },
  {
    reason: 'GovCloud premium that the package does not know',
    holds: ({ entry, theirs, ours }) => /us-gov/.test(entry.id) && isAbove(theirs, ours, 25n),
  },
  {
    reason: 'global rate under a regional id: the package has the regional one, 10 % above',
    holds: ({ theirs, amountOf, traffic }) =>
      traffic?.routing !== 'global' && amountOf({ routing: 'global' }) === theirs,
  },
  {
    reason: 'regional premium that the package ignores',
    holds: ({ scope, entry, theirs, ours }) =>
      isAbove(theirs, ours, 70n) &&
      (scope.region !== '' || /^(?:eu|apac|jp|au|in|ca)\./.test(entry.id)),
  },
  {
    reason: 'Data Zone or regional price under a key without scope',
    holds: ({ scope, theirs, ours }) =>
      scope.cloud === 'azure' && ours !== undefined && theirs * 10n === ours * 11n,
  },
  {
    reason: 'rounded to two digits on one side',
    holds: ({ theirs, ours }) => isAbove(theirs, ours, 2n) || isAbove(ours ?? 0n, theirs, 2n),
  },
];

function leftAs({ traffic, scope, models, left }: Facts, reason: string): boolean {
  if (traffic === undefined || models.has(`${scope.cloud} ${traffic.model}`)) return false;
  return left.get(`${scope.cloud} ${traffic.model}`) === reason;
}

/** By no more than so many per cent. */
function isAbove(amount: NanoUsd, other: NanoUsd | undefined, percent: bigint): boolean {
  return other !== undefined && amount > other && (amount - other) * 100n <= other * percent;
}
