import type { Routing, Tier } from '../../../agent/core/dimension.ts';
import type { TokenItem } from '../../../agent/core/price.ts';
import type { SkipReason } from '../../../agent/core/price-list.ts';
import { meterModels, monthDay, numberedModel, products } from './meter-models.ts';
import { meterWords, wordsOf } from './meter-words.ts';
import type { Meaning } from './meter-words.ts';

/** What the name of a token meter says. */
export interface MeterName {
  /** As Azure's deployments call it: `gpt-4o`. */
  readonly model: string;
  readonly version: string;
  readonly item: TokenItem;
  /** Empty where the name does not say: one price for all. */
  readonly routing: Routing | '';
  readonly tier: Tier;
  readonly band: 'any' | 'short' | 'long';
  /** The unit that the name itself states. */
  readonly unit: '1K' | '1M' | undefined;
}

interface NamedModel {
  readonly model: string;
  readonly version: string;
  readonly inputOnly: boolean;
  /** Words that follow. */
  readonly rest: readonly string[];
}

/** A meter's name, or why it is none of a token price. Every word of it must be known, and none said twice. */
export function readMeterName(meterName: string, product: string): MeterName | SkipReason {
  const words = wordsOf(meterName);
  if (!words.includes('tokens')) return 'not_tokens';
  for (const word of words) {
    const skip = meterWords.get(word)?.find((meaning) => 'skip' in meaning);
    if (skip !== undefined && 'skip' in skip) return skip.skip;
  }
  for (const named of [catalogued(words, product), numbered(words, product)]) {
    const said = named === undefined ? undefined : meaningsOf(named.rest);
    if (named !== undefined && said !== undefined) return assemble(named, said);
  }
  return 'unknown_name';
}

function catalogued(words: readonly string[], product: string): NamedModel | undefined {
  const text = `${words.join(' ')} `;
  const [best] = meterModels
    .filter((row) => row.product === undefined || row.product === product)
    .filter((row) => text.startsWith(`${row.words} `))
    .toSorted((a, b) => b.words.length - a.words.length);
  if (best === undefined) return undefined;
  const { model, version, inputOnly = false } = best;
  return { model, version, inputOnly, rest: words.slice(best.words.split(' ').length) };
}

function numbered(words: readonly string[], product: string): NamedModel | undefined {
  if (product !== products.gpt5) return undefined;
  const [found = '', number = '', names = ''] = numberedModel.exec(words.join(' ')) ?? [];
  const rest = words.slice(found.split(' ').length);
  if (found === '' || monthDay.test(rest[0] ?? '')) return undefined;
  return {
    model: `gpt-${number}${names.replaceAll(' ', '-')}`,
    version: '',
    inputOnly: false,
    rest,
  };
}

interface Said {
  readonly direction?: 'input' | 'output' | 'write';
  readonly cached?: true;
  readonly routing?: Routing;
  readonly tier?: Tier;
  readonly band?: 'short' | 'long';
  readonly unit?: '1K' | '1M';
}

/** Undefined where a word is unknown, or two speak of one thing. */
function meaningsOf(words: readonly string[]): Said | undefined {
  let said: Said = {};
  for (const word of words) {
    const meanings: readonly Meaning[] | undefined = meterWords.get(word);
    if (meanings === undefined) return undefined;
    for (const meaning of meanings) {
      if (Object.keys(meaning).some((kind) => kind in said)) return undefined;
      said = { ...said, ...meaning };
    }
  }
  return said;
}

function assemble(named: NamedModel, said: Said): MeterName | SkipReason {
  const direction = said.direction ?? (named.inputOnly ? 'input' : undefined);
  const item = itemOf(direction, said.cached === true);
  if (item === undefined) return 'unknown_name';
  return {
    model: named.model,
    version: named.version,
    item,
    routing: said.routing ?? '',
    tier: said.tier ?? 'standard',
    band: said.band ?? 'any',
    unit: said.unit,
  };
}

/** `Cd Wr` is a write to the cache, at many times the price of `Cd Inp`, a read. */
function itemOf(direction: Said['direction'], cached: boolean): TokenItem | undefined {
  if (direction === 'write') return 'cache_write';
  if (direction === 'output') return cached ? undefined : 'output';
  if (direction === 'input') return cached ? 'cache_read' : 'input';
  return undefined;
}
