import { toUsd } from '../../core/money.ts';
import type { Instant } from '../../core/time.ts';
import type { KeptScore } from './anomaly-memory.ts';
import { anomalyScore } from './anomaly-score.ts';
import type { AnomalyScore } from './anomaly-score.ts';
import type { Evaluate } from './evaluator.ts';
import { readHistory } from './history.ts';
import type { DaySeries } from './last-day.ts';
import type { Reads } from './reads.ts';
import type { Finding, Rule } from './rule.ts';
import { busiest } from './series.ts';
import type { Series } from './series.ts';
import { noData } from './threshold.ts';
import { seriesText, timesText, timeText, usdText } from './words.ts';

/** Where the rule does not say `min_usd`: so much above the usual is worth a word. */
const leastUsd = 10;

/**
 * Whether a series costs far more than it usually does at this time of the week: its newest full settled hour, or the 24
 * hours that end with it, against up to four weeks before. See `anomalyScore`. History is read only of what cost `min_usd` in
 * the last day, for nothing else can be that much above its usual.
 */
export const anomaly: Evaluate = async (rule, factor, reads) => {
  const { kept, told } = busiest(await reads.day(rule.by), ({ usd }) => usd);
  const floor = rule.minNanoUsd === undefined ? leastUsd : Math.max(toUsd(rule.minNanoUsd), 0.01);
  const scores = await scoresOf(rule, kept, { factor, floor }, reads);
  return kept.map((one): Finding => {
    const { labels, standing, usd, requests, end } = one;
    if (standing.until === null || end === null) {
      return noData(labels, factor, reads.now, 'no settled data for two hours');
    }
    const base = {
      series: labels,
      threshold: factor,
      certainty: standing.certainty,
      incomplete: standing.incomplete,
      dataUntil: end,
      ...(told === undefined ? {} : { description: told }),
    };
    const score = scores.get(keyOf(one));
    if (score === undefined || requests < (rule.minRequests ?? 0)) {
      const summary = `${seriesText(labels)}: ${usdText(usd)} in 24 h, too little to tell`;
      return { ...base, state: 'clear', value: null, summary };
    }
    if (score.state === 'no_data') {
      return noData(
        labels,
        factor,
        reads.now,
        `${seriesText(labels)}: less than two weeks of history`,
      );
    }
    return {
      ...base,
      state: score.state,
      near: score.near,
      value: score.factor,
      summary: textOf(score, labels, factor, end, reads.now),
    };
  });
};

/** By series; absent where it cannot be odd. */
async function scoresOf(
  rule: Rule,
  all: readonly DaySeries[],
  settings: { readonly factor: number; readonly floor: number },
  reads: Reads,
): Promise<ReadonlyMap<string, AnomalyScore>> {
  const { reader, anomalies: memory } = reads.deps;
  const kept = new Map<string, KeptScore>();
  const wanted = new Map<string, Instant>();
  for (const one of all) {
    if (one.end === null || one.usd < settings.floor) continue;
    const key = keyOf(one);
    const score = memory?.recall(rule.name, key, one.end);
    if (score === undefined) wanted.set(key, one.end);
    else kept.set(key, { hour: one.end, score });
  }
  const asked = (await reads.everSeries(rule.by)).flatMap((series) => {
    const key = keyOf(series);
    const end = wanted.get(key);
    return end === undefined ? [] : [{ key, end, identities: series.members }];
  });
  const histories = await readHistory(reader, asked);
  for (const [place, { key, end }] of asked.entries()) {
    kept.set(key, { hour: end, score: anomalyScore(histories[place] ?? [], settings) });
  }
  memory?.keep(rule.name, kept);
  return new Map(Array.from(kept, ([key, { score }]) => [key, score]));
}

function keyOf({ labels }: Pick<Series<unknown>, 'labels'>): string {
  return JSON.stringify(labels);
}

function textOf(
  { span, actual, usual, factor }: Exclude<AnomalyScore, { state: 'no_data' }>,
  labels: Finding['series'],
  limit: number,
  end: Instant,
  now: Instant,
): string {
  const when = span === 'hour' ? 'in the hour' : 'in the 24 h';
  return (
    `${seriesText(labels)} cost ${usdText(actual)} ${when} to ${timeText(end, now)} UTC, ` +
    `${timesText(factor)} its usual ${usdText(usual)} (limit ${timesText(limit)})`
  );
}
