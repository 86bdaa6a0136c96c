import type { Amounts } from '../core/usage.ts';

/** A value for every amount. */
export type ByAmount<T> = Readonly<Record<keyof Amounts, T>>;

export function byAmount<T>(make: (name: keyof Amounts) => T): ByAmount<T> {
  return {
    input: make('input'),
    cacheRead: make('cacheRead'),
    cacheWrite: make('cacheWrite'),
    output: make('output'),
    unsplitInput: make('unsplitInput'),
    requests: make('requests'),
    errors: make('errors'),
    throttles: make('throttles'),
  };
}
