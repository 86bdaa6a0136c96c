import type { CacheTtl, TokenItem } from '../../../agent/core/price.ts';
import type { Tier } from '../../../agent/core/dimension.ts';
import type { SkipReason } from '../../../agent/core/price-list.ts';

/**
 * What the words of a usage type mean. A phrase that stands in no table makes the usage type unknown, and its price is
 * not taken. Written in lower case with hyphens, as `parseUsageType` makes every style read.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-understanding-cur-data.html
 */

/** What is counted. What stands before it is the model, what follows are qualifiers. */
export const directions: readonly {
  readonly phrase: string;
  readonly item: TokenItem | 'other_modality';
  readonly cacheTtl?: CacheTtl;
}[] = [
  { phrase: 'text-input-tokens', item: 'input' },
  { phrase: 'text-output-tokens', item: 'output' },
  { phrase: 'input-tokens', item: 'input' },
  { phrase: 'output-tokens', item: 'output' },
  { phrase: 'input-token-count', item: 'input' },
  { phrase: 'output-token-count', item: 'output' },
  { phrase: 'cached-input-tokens', item: 'cache_read' },
  { phrase: 'cache-read-tokens', item: 'cache_read' },
  { phrase: 'cache-read-input-tokens', item: 'cache_read' },
  { phrase: 'cache-read-input-token-count', item: 'cache_read' },
  { phrase: 'cache-write-tokens', item: 'cache_write' },
  { phrase: 'cache-write-input-tokens', item: 'cache_write' },
  { phrase: 'cache-write-input-token-count', item: 'cache_write' },
  { phrase: 'cache-write-5m-input-token-count', item: 'cache_write', cacheTtl: '5m' },
  { phrase: 'cache-write-30m-input-token-count', item: 'cache_write', cacheTtl: '30m' },
  { phrase: 'cache-write-1h-input-token-count', item: 'cache_write', cacheTtl: '1h' },
  ...['speech', 'audio', 'image', 'video'].flatMap((medium) => [
    { phrase: `${medium}-input-tokens`, item: 'other_modality' as const },
    { phrase: `${medium}-output-tokens`, item: 'other_modality' as const },
    { phrase: `input-${medium}-token-count`, item: 'other_modality' as const },
    { phrase: `output-${medium}-token-count`, item: 'other_modality' as const },
  ]),
];

/** One thing a qualifier can say. */
export type Qualifier =
  | { readonly tier: Tier }
  | { readonly reach: 'regional' | 'global' }
  | { readonly cacheTtl: CacheTtl }
  | { readonly band: 'long' }
  | { readonly skip: SkipReason };

/** Without one, a price is standard, of the region itself and its geography, and of requests of any length. */
export const qualifiers: ReadonlyMap<string, Qualifier> = new Map(
  Object.entries<Qualifier>({
    standard: { tier: 'standard' },
    flex: { tier: 'flex' },
    priority: { tier: 'priority' },
    batch: { tier: 'batch' },
    global: { reach: 'global' },
    'cross-region-global': { reach: 'global' },
    'cross-region': { reach: 'regional' },
    regional: { reach: 'regional' },
    geo: { reach: 'regional' },
    '5m': { cacheTtl: '5m' },
    '30m': { cacheTtl: '30m' },
    '1h': { cacheTtl: '1h' },
    'long-ctx': { band: 'long' },
    'long-context': { band: 'long' },
    'latency-optimized': { skip: 'unmetered_tier' },
    'custom-model': { skip: 'not_on_demand' },
  }),
);

/** Words that say of a usage type without a direction that it counts no tokens. */
export const notTokens =
  /image|video|audio|speech|second|minute|page|document|search|query|storage|validation|provisioned|hosting|throughput|model-?unit|guardrail|policy|knowledge|agent|flow|evaluation|training|import|customi[sz]ation|reserved|request|runtime|memory|token-?vault|vcpu|gb-|data/i;
