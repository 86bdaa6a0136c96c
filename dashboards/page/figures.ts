import type { UsageFigures } from './reader.ts';

const tokenColumns = [
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'unsplit_input_tokens',
] as const satisfies readonly (keyof UsageFigures)[];

/** All tokens of a row; null where no type of them is known. */
export function tokensOf(row: UsageFigures): number | null {
  const known = tokenColumns.map((column) => row[column]).filter((tokens) => tokens !== null);
  return known.length === 0 ? null : known.reduce((sum, tokens) => sum + tokens, 0);
}

/** Dollars for a million tokens that have a price; null where none has. */
export function perMillion(row: UsageFigures): number | null {
  const tokens = tokensOf(row);
  if (tokens === null || row.cost_usd === null) return null;
  const priced = tokens - (row.unpriced_tokens ?? 0);
  return priced <= 0 ? null : (row.cost_usd * 1_000_000) / priced;
}

/** Throttled requests among all that were sent; null where nothing tells. */
export function throttleRatio(row: UsageFigures): number | null {
  return partOf(row.throttles, row);
}

/** Failed requests among those accepted; null where nothing tells. */
export function errorRatio({ errors, requests }: UsageFigures): number | null {
  return errors === null || requests === null || requests === 0 ? null : errors / requests;
}

function partOf(part: number | null, { requests, throttles }: UsageFigures): number | null {
  if (part === null || requests === null) return null;
  const sent = requests + (throttles ?? 0);
  return sent === 0 ? null : part / sent;
}
