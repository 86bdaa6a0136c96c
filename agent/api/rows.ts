import * as z from 'zod';

/** Columns that the rows of several routes share. */
export const time = z.iso.datetime().meta({ description: "The bucket's start, UTC" });

/** A number that may be unknown. */
export function known(description: string) {
  return z.number().nullable().meta({ description });
}

/** A count that may be unknown. */
export function count(description: string) {
  return z.int().nonnegative().nullable().meta({ description });
}

/** What was used, as columns of a row. */
export const amountColumns = {
  input_tokens: count('Uncached input tokens'),
  cache_read_tokens: count('Input tokens read from a cache'),
  cache_write_tokens: count('Input tokens written to a cache'),
  output_tokens: count('Output tokens'),
  unsplit_input_tokens: count('Input tokens of which no meter says whether they were cached'),
  requests: count('Requests accepted, failed ones included'),
  errors: count('Accepted requests that failed'),
  throttles: count('Requests refused for their rate'),
};
