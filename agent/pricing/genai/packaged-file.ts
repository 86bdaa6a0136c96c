import type { Provider } from '@pydantic/genai-prices';
import { readFileSync } from 'node:fs';

/**
 * Stands in for `packaged.ts` in the build, which writes the package's data beside the code: a module stays in memory for as
 * long as the process runs, and what was read from a file goes once the ledger has it.
 */
export function packagedProviders(ids: readonly string[]): readonly Provider[] {
  const text = readFileSync(new URL('./genai-prices.jsonl', import.meta.url), 'utf8');
  return providersIn(text, ids);
}

/**
 * The providers asked for, in the order asked.
 * @param text a line each: its id, a tab, and the provider as JSON
 * @throws Error where one is not there
 */
export function providersIn(text: string, ids: readonly string[]): readonly Provider[] {
  const lines = text.split('\n').map((line) => line.split('\t'));
  return ids.map((id) => {
    const json = lines.find(([name]) => name === id)?.[1];
    if (json === undefined) throw new Error(`genai-prices.jsonl has no provider ${id}`);
    const provider: Provider = JSON.parse(json);
    return provider;
  });
}
