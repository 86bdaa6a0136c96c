import type { Amounts } from '../core/usage.ts';
import type { ExplainedAmounts } from './explanation.ts';

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

/** The amounts under the names that rows of the API have. */
export function namedAmounts(amounts: Amounts): ExplainedAmounts {
  return {
    input_tokens: amounts.input,
    cache_read_tokens: amounts.cacheRead,
    cache_write_tokens: amounts.cacheWrite,
    output_tokens: amounts.output,
    unsplit_input_tokens: amounts.unsplitInput,
    requests: amounts.requests,
    errors: amounts.errors,
    throttles: amounts.throttles,
  };
}

/** Null where no row tells it. */
export function addAmounts(rows: readonly Amounts[]): Amounts {
  return byAmount((name) => {
    const told = rows.flatMap((row) => row[name] ?? []);
    return told.length === 0 ? null : told.reduce((all, one) => all + one, 0);
  });
}
