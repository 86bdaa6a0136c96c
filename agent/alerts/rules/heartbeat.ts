import type { Evaluate } from './evaluator.ts';
import { plural, spanText, timeText } from './words.ts';

/**
 * Always met: the sign of life that a dead man's switch waits for. The lifecycle sends it as `alert.heartbeat` every so many
 * seconds as the threshold says; a receiver that misses it knows that evaluation or delivery stands still.
 */
export const heartbeat: Evaluate = async (_rule, threshold, reads) => {
  const { now } = reads;
  const targets = (await reads.statuses()).filter(({ lastSuccess }) => lastSuccess !== null);
  const newest = Math.max(...targets.map(({ lastSuccess }) => lastSuccess ?? 0));
  const read =
    targets.length === 0
      ? 'nothing was read yet'
      : `${plural(targets.length, 'target')} read, last at ${timeText(newest, now)} UTC`;
  return [
    {
      series: {},
      state: 'met',
      value: null,
      threshold,
      dataUntil: now,
      summary: `alive at ${timeText(now, now)} UTC, again in ${spanText(threshold)}; ${read}`,
    },
  ];
};
