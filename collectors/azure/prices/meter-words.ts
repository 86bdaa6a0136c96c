import type { Routing, Tier } from '../../../agent/core/dimension.ts';
import type { SkipReason } from '../../../agent/core/price-list.ts';

/** One thing that a word of a meter's name can say. */
export type Meaning =
  | { readonly direction: 'input' | 'output' | 'write' }
  | { readonly cached: true }
  | { readonly routing: Routing }
  | { readonly tier: Tier }
  | { readonly band: 'short' | 'long' }
  | { readonly unit: '1K' | '1M' }
  | { readonly skip: SkipReason }
  | { readonly tokens: true }
  | { readonly preview: true };

/**
 * Every word that may follow the model in the name of a token meter, all spellings seen, in lower case. A word that is
 * not here makes the name unknown, and its price is not taken.
 * https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices
 */
export const meterWords: ReadonlyMap<string, readonly Meaning[]> = new Map([
  ...spelt(['inp', 'input', 'inpt'], { direction: 'input' }),
  ...spelt(['outp', 'output', 'outpt', 'out', 'opt'], { direction: 'output' }),
  ...spelt(['wr'], { direction: 'write' }),
  ...spelt(['cached', 'cchd', 'ccchd', 'cd'], { cached: true }),
  ...spelt(['glbl', 'global', 'gl'], { routing: 'global' }),
  ...spelt(['datazone', 'dzone', 'dz'], { routing: 'data_zone' }),
  ...spelt(['regnl', 'rgnl', 'regional'], { routing: 'in_region' }),
  ...spelt(['batch'], { tier: 'batch' }),
  ...spelt(['pp'], { tier: 'priority' }),
  ...spelt(['std'], { tier: 'standard' }),
  ...spelt(['shortco'], { band: 'short' }),
  ...spelt(['longco'], { band: 'long' }),
  ...spelt(['1k'], { unit: '1K' }),
  ...spelt(['1m'], { unit: '1M' }),
  ...spelt(['tokens'], { tokens: true }),
  ...spelt(['preview'], { preview: true }),
  ...spelt(['ft', 'trng', 'hstng', 'finetuned', 'grader'], { skip: 'not_on_demand' }),
  ...spelt(['aud', 'audio', 'img', 'image', 'txt', 'rt', 'realtime', 'realtimeprvw'], {
    skip: 'other_modality',
  }),
  // Two words run together in single names.
  ['batchoutp', [{ tier: 'batch' }, { direction: 'output' }]],
  ['batchinp', [{ tier: 'batch' }, { direction: 'input' }]],
]);

function spelt(words: readonly string[], meaning: Meaning): (readonly [string, Meaning[]])[] {
  return words.map((word) => [word, [meaning]]);
}

/** Blanks and hyphens part words alike; `Data Zone` is one word. */
export function wordsOf(meterName: string): readonly string[] {
  const text = meterName
    .toLowerCase()
    .replaceAll(/[\s-]+/g, ' ')
    .trim();
  return text.replaceAll('data zone', 'datazone').split(' ');
}
