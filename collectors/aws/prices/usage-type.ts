import type { Tier } from '../../../agent/core/dimension.ts';
import type { CacheTtl, TokenItem } from '../../../agent/core/price.ts';
import type { SkipReason } from '../../../agent/core/price-list.ts';
import { directions, notTokens, qualifiers } from './usage-words.ts';

/** What a usage type says of a price. */
export interface UsageType {
  /** As written, where it is: `Claude4.6Sonnet`, `openai.gpt-5.5`; empty in the marketplace's style. */
  readonly model: string;
  readonly item: TokenItem;
  readonly tier: Tier;
  /** `regional`: the source region's own rate, which its geographic profiles pay as well. */
  readonly reach: 'regional' | 'global';
  readonly cacheTtl: CacheTtl;
  readonly band: 'any' | 'long';
}

/** `USE1-`, and in the marketplace's style `USE1-MP:USE1_`. */
const prefix = /^[A-Z]{2,6}\d{0,2}-(?:(MP):[A-Z]{2,6}\d{0,2}_)?/;

/** A usage type of any of the three styles, or why it is none of a token price. Every word of it must be known. */
export function parseUsageType(usageType: string): UsageType | SkipReason {
  const start = prefix.exec(usageType);
  if (start === null) return notTokens.test(usageType) ? 'not_tokens' : 'unknown_name';
  const body = usageType.slice(start[0].length);
  const text = start[1] === undefined ? body : hyphened(body.replace(/-Units$/, ''));
  const found = directionIn(text);
  if (found === undefined) return notTokens.test(text) ? 'not_tokens' : 'unknown_name';
  const { at, direction } = found;
  if (direction.item === 'other_modality') return 'other_modality';
  const model = text
    .slice(0, at)
    .replace(/-$/, '')
    .replace(/-mantle$/, '');
  if (/(^|-)(reserved|provisioned)(-|$)/i.test(model)) return 'not_on_demand';
  const after = text.slice(at + direction.phrase.length).replace(/^-/, '');
  const said: UsageType = {
    model,
    item: direction.item,
    tier: 'standard',
    reach: 'regional',
    cacheTtl: direction.cacheTtl ?? '',
    band: 'any',
  };
  return qualified(said, after.toLowerCase());
}

/** `CacheWrite1hInputTokenCount_Global` and `cache_write_tokens_1h_standard` in the style of the others. */
function hyphened(body: string): string {
  return body
    .replaceAll(/([a-z])(\d)|([a-z0-9])([A-Z])/g, '$1$3-$2$4')
    .replaceAll('_', '-')
    .toLowerCase();
}

/** The phrase that begins first, the longest of those that begin there. */
function directionIn(text: string) {
  const lower = text.toLowerCase();
  const found = directions
    .map((direction) => ({ at: positionOf(lower, direction.phrase), direction }))
    .filter(({ at }) => at >= 0)
    .toSorted((a, b) => a.at - b.at || b.direction.phrase.length - a.direction.phrase.length);
  return found[0];
}

/** Of whole words only; -1 where it is not. */
function positionOf(text: string, phrase: string): number {
  const at = `-${text}-`.indexOf(`-${phrase}-`);
  return at;
}

/** Each qualifier at most once, none unknown. */
function qualified(said: UsageType, text: string): UsageType | SkipReason {
  let left = text;
  let result = said;
  const seen = new Set<string>();
  while (left !== '') {
    const phrase = [...qualifiers.keys()]
      .filter((known) => left === known || left.startsWith(`${known}-`))
      .toSorted((a, b) => b.length - a.length)[0];
    const meaning = phrase === undefined ? undefined : qualifiers.get(phrase);
    if (phrase === undefined || meaning === undefined) return 'unknown_name';
    if ('skip' in meaning) return meaning.skip;
    const [kind = ''] = Object.keys(meaning);
    if (seen.has(kind)) return 'unknown_name';
    seen.add(kind);
    if ('cacheTtl' in meaning && said.item !== 'cache_write') return 'unknown_name';
    result = { ...result, ...meaning };
    left = left.slice(phrase.length + 1);
  }
  return result;
}
