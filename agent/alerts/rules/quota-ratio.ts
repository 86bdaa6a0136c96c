import { valueReader } from '../../query/dimensions.ts';
import { heldAgainst } from './condition.ts';
import type { Evaluate } from './evaluator.ts';
import { busiest, labelsBy, seriesBy } from './series.ts';
import { noData } from './threshold.ts';
import { countText, percentText, seriesText } from './words.ts';

/** What is used of a quota: in each series that of the quota which is nearest to its end. */
export const quotaRatio: Evaluate = async (rule, threshold, reads) => {
  const quotas = (await reads.quotas()) ?? [];
  if (quotas.length === 0) return [noData({}, threshold, reads.now, 'no quota is known')];
  const labelsOf = labelsBy(rule.by, valueReader(reads.deps.teams));
  const series = seriesBy(quotas, ({ traffic }) => labelsOf(traffic), rule.by);
  const found = series.map((one) => {
    const known = one.members.flatMap((use) =>
      use.quota === null || use.quota <= 0 ? [] : [{ ...use, ratio: use.used / use.quota }],
    );
    return { ...one, worst: known.toSorted((a, b) => b.ratio - a.ratio)[0] };
  });
  const { kept, told } = busiest(found, ({ worst }) => worst?.ratio ?? -1);
  return kept.map(({ labels, worst }) => {
    if (worst === undefined) return noData(labels, threshold, reads.now, 'no quota is known');
    const { traffic, what, used, ratio, until } = worst;
    const quota = countText(worst.quota ?? 0);
    return {
      series: labels,
      ...heldAgainst(ratio, threshold),
      value: ratio,
      threshold,
      dataUntil: until,
      summary:
        `${percentText(ratio)} of the quota used (limit ${percentText(threshold)}): ` +
        `${countText(used)} of ${quota} ${what}, ${traffic.model} in ${traffic.region}; ${seriesText(labels)}`,
      ...(told === undefined ? {} : { description: told }),
    };
  });
};
