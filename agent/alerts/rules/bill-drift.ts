import { toUsd } from '../../core/money.ts';
import { heldAgainst } from './condition.ts';
import type { Evaluate } from './evaluator.ts';
import type { Finding } from './rule.ts';
import { busiest } from './series.ts';
import { noData } from './threshold.ts';
import { percentText, plural, timeText, usdText } from './words.ts';

/** Where the rule does not say `min_usd`: what is less is rounding. */
const leastUsd = 1;

/** How far a model's bill is from its meters, either way, over the days that the audit compared. One series a cloud and model. */
export const billDrift: Evaluate = async (rule, threshold, reads) => {
  const state = await reads.drifts();
  if (state === undefined || state.models.length === 0) {
    return [noData({}, threshold, reads.now, 'no bill to compare with')];
  }
  const least = rule.minNanoUsd === undefined ? leastUsd : toUsd(rule.minNanoUsd);
  const { kept, told } = busiest(state.models, ({ drift_usd: usd }) => Math.abs(usd));
  return kept.map(
    ({ model, cloud, drift_ratio: ratio, drift_usd: usd, class: kind, days }): Finding => {
      const series = { cloud, model };
      if (ratio === null) {
        return noData(
          series,
          threshold,
          reads.now,
          `${model} on ${cloud}: nothing metered has a price`,
        );
      }
      const size = Math.abs(ratio);
      const isSmall = Math.abs(usd) < least;
      const side = usd < 0 ? 'less' : 'more';
      return {
        series,
        ...(isSmall ? { state: 'clear' as const } : heldAgainst(size, threshold)),
        value: size,
        threshold,
        certainty: 'billed',
        dataUntil: state.until,
        summary:
          `${model} on ${cloud} is billed ${usdText(Math.abs(usd))} ${side} than metered ` +
          `(${percentText(size)}, limit ${percentText(threshold)}): ${kind} on ${plural(days, 'day')} ` +
          `to ${timeText(state.until, reads.now)}; \`crossbill audit\` shows the rows`,
        ...(told === undefined ? {} : { description: told }),
      };
    },
  );
};
