import { endOfTime, startOfTime } from '../core/price.ts';
import type { PriceScope } from '../core/price.ts';
import type { Instant } from '../core/time.ts';
import { fail, oneOf, parsed, text } from './fields.ts';
import { clouds, routings, tiers } from './match.ts';
import { day } from './pricing.ts';

/** Where and when a row of the prices file holds; what is left out holds everywhere and always. */
export const scopeFields = {
  model: starred('a canonical model, for example openai/gpt-5.4 or openai/gpt-5*', (start) =>
    /^(?:[a-z0-9-]+\/[a-z0-9.:-]*)?$/.test(start),
  ),
  model_version: text('a version, for example "2024-11-20"').optional(),
  cloud: oneOf(clouds).optional(),
  account: starred('an AWS account or an Azure subscription', (start) =>
    /^[0-9a-fA-F-]*$/.test(start),
  ).optional(),
  region: starred('a region in lower case, for example us-east-1 or westeurope', (start) =>
    /^[a-z0-9-]*$/.test(start),
  ).optional(),
  routing: oneOf(routings.filter((word) => word !== 'unknown')).optional(),
  tier: oneOf(tiers.filter((word) => word !== 'unknown')).optional(),
  from: day.optional(),
  to: day.optional(),
};

export interface ScopeWords {
  readonly model?: string | undefined;
  readonly model_version?: string | undefined;
  readonly cloud?: PriceScope['cloud'] | undefined;
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly routing?: PriceScope['routing'] | undefined;
  readonly tier?: PriceScope['tier'] | undefined;
  readonly from?: Instant | undefined;
  readonly to?: Instant | undefined;
}

export interface DatedScope extends PriceScope {
  readonly from: Instant;
  readonly to: Instant;
}

export function scopeOf(words: ScopeWords): DatedScope {
  return {
    cloud: words.cloud ?? '',
    model: everything(words.model),
    modelVersion: words.model_version ?? '',
    account: everything(words.account).toLowerCase(),
    region: everything(words.region),
    routing: words.routing ?? '',
    tier: words.tier ?? '',
    from: words.from ?? startOfTime,
    to: words.to ?? endOfTime,
  };
}

/** For `superRefine` on a row. */
export function endsAfterItBegins(words: ScopeWords, ctx: Parameters<typeof fail>[0]): void {
  if ((words.to ?? endOfTime) > (words.from ?? startOfTime)) return;
  fail(ctx, 'ends before it begins; `to` is the first day on which the row no longer holds', [
    'to',
  ]);
}

function everything(word: string | undefined): string {
  return word === undefined || word === '*' ? '' : word;
}

/** A word that may end in `*`. */
function starred(expected: string, accepts: (start: string) => boolean) {
  return parsed(`${expected}; a \`*\` stands at the end only`, (value) => {
    const start = value.endsWith('*') ? value.slice(0, -1) : value;
    return accepts(start) && (start !== '' || value === '*') ? value : undefined;
  });
}
