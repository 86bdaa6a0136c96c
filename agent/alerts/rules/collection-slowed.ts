import type { Evaluate } from './evaluator.ts';
import type { Finding } from './rule.ts';
import { noData } from './threshold.ts';
import { plural, spanText, timesText } from './words.ts';

/**
 * Whether a source is read less than it should be, for the sake of its own spend limit. One series a source; the value is how
 * many times longer than configured its slowest target waits, 1 where only history, re-reads or idle meters do.
 */
export const collectionSlowed: Evaluate = async (rule, threshold, reads) => {
  const { now, deps } = reads;
  const statuses = await reads.statuses();
  return deps.sources.map((source): Finding => {
    const own = statuses.filter((status) => status.source === source);
    const read = own.filter(({ cadenceSeconds }) => cadenceSeconds !== null);
    if (read.length === 0) return noData({ source }, threshold, now, `${source}: not read yet`);
    const slowed = read.flatMap(({ slowed: says, cadenceSeconds, target, units }) => {
      if (says === null) return [];
      // Bills have a rhythm of their own, and no meters.
      const seconds = units === 0 ? 0 : (cadenceSeconds ?? 0);
      return [{ says, target, factor: Math.max(1, seconds / deps.everySeconds) }];
    });
    const worst = slowed.toSorted((a, b) => b.factor - a.factor)[0];
    const base = { series: { source }, threshold, dataUntil: now };
    if (worst === undefined) {
      return { ...base, state: 'clear', value: 0, summary: `${source}: read as configured` };
    }
    const met = rule.above === undefined || worst.factor > threshold;
    return {
      ...base,
      state: met ? 'met' : 'clear',
      value: worst.factor,
      summary:
        `${source}: ${plural(slowed.length, 'target')} of ${read.length} slowed, ${worst.target} most ` +
        `(${timesText(worst.factor)} its ${spanText(deps.everySeconds)}): ${worst.says}`,
    };
  });
};
