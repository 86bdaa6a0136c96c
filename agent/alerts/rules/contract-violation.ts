import type { Evaluate } from './evaluator.ts';
import type { Finding } from './rule.ts';
import { noData } from './threshold.ts';
import { plural } from './words.ts';

/**
 * Settled minutes in the ledger whose meters cannot all be right: more cached tokens than input, or parts above their total.
 * One series a target. They stay until the minutes age away or are restated.
 */
export const contractViolation: Evaluate = async (_rule, threshold, reads) => {
  const { now } = reads;
  const read = (await reads.statuses()).filter(
    ({ watermark, units }) => watermark !== null && units > 0,
  );
  if (read.length === 0) return [noData({}, threshold, now, 'nothing settled was read yet')];
  return read.map(({ source, target, watermark, irregularities }): Finding => {
    const minutes = irregularities['contract_violation'] ?? 0;
    return {
      series: { source, target },
      state: minutes > threshold ? 'met' : 'clear',
      value: minutes,
      threshold,
      dataUntil: watermark ?? now,
      summary:
        minutes === 0
          ? `${target}: every settled minute adds up`
          : `${target}: in ${plural(minutes, 'settled minute')} more tokens are cached than there is input, or parts are ` +
            'above their total; the costs of these minutes are ranges. `crossbill explain` shows the readings; check `contracts`',
    };
  });
};
