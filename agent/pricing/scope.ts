import type { PriceScope } from '../core/price.ts';
import type { RatingSubject } from '../core/rating.ts';

/** Traffic of one kind, with everything a price may depend on. */
export type Traffic = Pick<
  RatingSubject,
  'cloud' | 'model' | 'modelVersion' | 'account' | 'region' | 'routing' | 'tier'
>;

/** From what decides most to what decides least where two scopes hold for the same traffic. */
export const scopeFields = [
  'model',
  'modelVersion',
  'account',
  'region',
  'routing',
  'tier',
  'cloud',
] as const satisfies readonly (keyof PriceScope)[];
export type ScopeField = (typeof scopeFields)[number];

const placeFields = scopeFields.filter((field) => field !== 'routing' && field !== 'tier');

const globFields: ReadonlySet<ScopeField> = new Set(['model', 'account', 'region']);

/** The first field in which the scope does not hold for the traffic; undefined where it holds. */
export function misfitOf(scope: PriceScope, traffic: Traffic): ScopeField | undefined {
  return scopeFields.find((field) => !holds(field, scope[field], traffic[field]));
}

/** Whether the scope holds for the traffic, or would if its routing and tier were others. */
export function mayHold(scope: PriceScope, traffic: Traffic): boolean {
  return placeFields.every((field) => holds(field, scope[field], traffic[field]));
}

export function holds(field: ScopeField, word: string, value: string): boolean {
  if (word === '' || word === value) return true;
  return globFields.has(field) && word.endsWith('*') && value.startsWith(word.slice(0, -1));
}

/**
 * How much a scope says, by `scopeFields`: a whole word before a word with `*`, a longer one of these before a shorter
 * one, and none at all last. Compare with `compareRanks`. Two scopes of one rank that hold for the same traffic are the
 * same scope.
 */
export function rankOf(scope: PriceScope): readonly number[] {
  return scopeFields.map((field) => {
    const word = scope[field];
    if (word === '') return 0;
    return globFields.has(field) && word.endsWith('*') ? word.length : Number.MAX_SAFE_INTEGER;
  });
}

/** Below 0 where `a` says more. Lists of one length. */
export function compareRanks(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at === -1 ? 0 : (b[at] ?? 0) - (a[at] ?? 0);
}

/** `openai/gpt-5.4, azure, global, standard`, for a person. */
export function wordsOf(scope: PriceScope): string {
  const words = scopeFields.map((field) => scope[field]).filter((word) => word !== '');
  return words.length === 0 ? 'everything' : words.join(', ');
}
