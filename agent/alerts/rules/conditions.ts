import type { Condition } from '../../core/alert.ts';
import type { Instant } from '../../core/time.ts';
import { conditionOf, seriesKeys } from './condition.ts';
import { ruleKindFacts } from './kinds.ts';
import { readsOf } from './reads.ts';
import type { Finding, Rule, RuleDeps } from './rule.ts';
import { mostSeries } from './series.ts';

/**
 * Looks at every rule: a condition for each series of each rule, at most `mostSeries` a rule. Keys are unique and the same in
 * every evaluation. What several rules want is read once; what is not known is `no_data`. Rejects where no rule can be
 * evaluated.
 * @param failed told of a rule that cannot be evaluated, a reader having rejected; the others are. Absent: the first one rejects.
 */
export async function ruleConditions(
  rules: readonly Rule[],
  deps: RuleDeps,
  now: Instant,
  failed?: (rule: string, error: unknown) => void,
): Promise<readonly Condition[]> {
  const reads = readsOf(deps, now);
  const keyOf = seriesKeys();
  const conditions: Condition[] = [];
  const failures: { readonly rule: string; readonly error: unknown }[] = [];
  for (const rule of rules) {
    const { evaluate, unit, defaultAbove } = ruleKindFacts[rule.kind];
    let findings: readonly Finding[];
    try {
      findings = await evaluate(rule, rule.above?.value ?? defaultAbove, reads);
    } catch (error) {
      failures.push({ rule: rule.name, error });
      if (failed === undefined || failures.length === rules.length) throw error;
      continue;
    }
    for (const finding of bounded(findings)) {
      const words = { publicUrl: deps.publicUrl, seriesKey: keyOf(finding.series) };
      conditions.push(conditionOf(rule, finding, unit, words));
    }
  }
  for (const { rule, error } of failures) failed?.(rule, error);
  return conditions;
}

/** What is met comes first where there are too many. */
function bounded(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length <= mostSeries) return findings;
  const order = { met: 0, no_data: 1, clear: 2 } as const;
  const description = `Of ${findings.length} series ${mostSeries} are looked at.`;
  return findings
    .toSorted((a, b) => order[a.state] - order[b.state])
    .slice(0, mostSeries)
    .map((finding) => ({ description, ...finding }));
}
