import { abortWith } from '../../agent/core/abort.ts';
import type { Sample } from '../../agent/core/collector.ts';

/**
 * Runs `work` on every item, at most `concurrency` at a time, and gives the results in the items' order. The first
 * failure aborts the others, is waited for, and is thrown.
 */
export async function runAll<In, Out>(
  items: readonly In[],
  concurrency: number,
  signal: AbortSignal,
  work: (item: In, signal: AbortSignal) => Promise<Out>,
): Promise<readonly Out[]> {
  const stop = new AbortController();
  const release = abortWith(signal, stop);
  const results: Out[] = [];
  const failures: unknown[] = [];
  const entries = items.entries();
  const lane = async (): Promise<void> => {
    for (const [at, item] of entries) {
      if (failures.length > 0) return;
      try {
        results[at] = await work(item, stop.signal);
      } catch (thrown) {
        failures.push(thrown);
        stop.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, lane));
  release();
  if (failures.length > 0) throw failures[0];
  return results;
}

/** Pieces of one series joined: one sample per unit, dimensions and statistic, in the order of the pieces. */
export function joinSamples(pieces: Iterable<readonly Sample[]>): readonly Sample[] {
  interface Growing {
    readonly first: Sample;
    readonly starts: number[];
    readonly values: number[];
  }
  const joined = new Map<string, Growing>();
  for (const piece of pieces) {
    for (const sample of piece) {
      const key = JSON.stringify([sample.unitKey, sample.statistic, sample.dimensions]);
      const into = joined.get(key) ?? { first: sample, starts: [], values: [] };
      for (const start of sample.starts) into.starts.push(start);
      for (const value of sample.values) into.values.push(value);
      joined.set(key, into);
    }
  }
  return [...joined.values()].map(({ first, starts, values }) => ({ ...first, starts, values }));
}
