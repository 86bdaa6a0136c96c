import { dimensionNames } from '../core/dimension.ts';

/**
 * What a comma-separated list looks like, as a regular expression that every dialect reads alike. A list that fits is
 * accepted and any other is refused, so that the OpenAPI document says what the routes do.
 */

/** Words of which only the last character may be `*`. */
export const openList = '^[^*,]*(?:[*] *)?(?:,[^*,]*(?:[*] *)?)*$';

/** One of the values in any case, or the start of one and `*`. */
export function closedList(values: readonly string[]): string {
  return listOf(values.flatMap((value) => [spelled(value), `${startOf(value)}[*]`]));
}

/** Dimensions as they are spelled, and tags. */
export const dimensionList = listOf([...dimensionNames, 'tag[._] *[^, ][^,]*']);

/** The words as they are spelled. */
export const wordList = (words: readonly string[]): string => listOf(words);

/** Nothing is a word as well: `a,,b` names two. */
function listOf(words: readonly string[]): string {
  const word = ` *(?:${words.join('|')})? *`;
  return `^${word}(?:,${word})*$`;
}

function spelled(value: string): string {
  return Array.from(value, inAnyCase).join('');
}

/** `a`, `aw` and `aws` of `aws`, and nothing. */
function startOf(value: string): string {
  return Array.from(value).reduceRight((rest, letter) => `(?:${inAnyCase(letter)}${rest})?`, '');
}

function inAnyCase(letter: string): string {
  const upper = letter.toUpperCase();
  return upper === letter ? `[${letter}]` : `[${letter}${upper}]`;
}
