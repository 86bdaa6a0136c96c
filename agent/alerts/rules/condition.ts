import type { AlertUnit, Condition } from '../../core/alert.ts';
import type { Labels } from '../../core/cloud.ts';
import type { Finding, Rule } from './rule.ts';

/** What fires goes on firing down to this part of the threshold, where figures jitter. */
const nearRatio = 0.9;

/** A finding as the lifecycle takes it. The key is made of the rule's name and the series. */
export function conditionOf(
  rule: Rule,
  finding: Finding,
  unit: AlertUnit,
  words: { readonly publicUrl: string | undefined; readonly seriesKey: string },
): Condition {
  const { series, state, value, threshold, dataUntil } = finding;
  const group = `rule/${rule.name}`;
  return {
    key: words.seriesKey === '' ? group : `${group} ${words.seriesKey}`,
    group,
    name: rule.name,
    kind: rule.kind,
    labels: {
      ...finding.labels,
      ...series,
      alertname: rule.name,
      kind: rule.kind,
      severity: rule.severity,
    },
    annotations: annotationsOf(rule, finding, words.publicUrl),
    state,
    near: state === 'clear' && finding.near === true,
    value,
    threshold,
    unit: finding.unit ?? unit,
    certainty: finding.certainty ?? 'settled',
    incomplete: finding.incomplete ?? false,
    dataUntil,
    forSeconds: rule.forSeconds,
    period: null,
    notify: rule.notify,
  };
}

/** One text for one series, kept by the labels' object. Values may hold any character, so they are quoted. */
export function seriesKeys(): (series: Labels) => string {
  const known = new Map<Labels, string>();
  return (series) => {
    let key = known.get(series);
    if (key === undefined) {
      key = Object.keys(series).length === 0 ? '' : JSON.stringify(series);
      known.set(series, key);
    }
    return key;
  };
}

function annotationsOf(
  { name, runbook }: Rule,
  { summary, description }: Finding,
  publicUrl: string | undefined,
): Labels {
  return {
    summary: `${name}: ${summary}`,
    ...(description !== undefined && { description }),
    ...(runbook !== undefined && { runbook_url: runbook }),
    ...(publicUrl !== undefined && { link: `${publicUrl}/` }),
  };
}

/** `met`, or `clear` and how near. Met is what is more than the threshold. */
export function heldAgainst(
  value: number,
  threshold: number,
): { readonly state: 'met' | 'clear'; readonly near: boolean } {
  if (value > threshold) return { state: 'met', near: false };
  return { state: 'clear', near: threshold > 0 && value >= threshold * nearRatio };
}
