import type { AuditClass, ModelDrift } from '../core/audit.ts';
import { toUsd } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';
import type { Finding } from './finding.ts';

interface Tally {
  metered: NanoUsd;
  drift: NanoUsd;
  readonly classes: Map<AuditClass, { size: NanoUsd; readonly days: Set<number> }>;
}

/** Classes whose rows say nothing of how meters and bill of the model stand to each other. */
const silent: ReadonlySet<AuditClass> = new Set(['not_final', 'no_token_meter', 'currency']);
const fine: ReadonlySet<AuditClass> = new Set(['in_line', 'allocated']);

/** How each model's bill stands to its meters, on comparable days; the largest drift first. */
export function modelDrifts(findings: readonly Finding[]): readonly ModelDrift[] {
  const tallies = new Map<string, Tally & { readonly of: Finding }>();
  let tally: (Tally & { readonly of: Finding }) | undefined;
  for (const finding of findings) {
    const { cloud, model } = finding;
    if (model === '' || silent.has(finding.class)) continue;
    // Those of a model mostly stand together.
    if (tally === undefined || tally.of.model !== model || tally.of.cloud !== cloud) {
      const key = `${cloud}|${model}`;
      tally = tallies.get(key);
      if (tally === undefined) {
        tally = { of: finding, metered: 0n, drift: 0n, classes: new Map() };
        tallies.set(key, tally);
      }
    }
    tally.metered += finding.cost?.best ?? 0n;
    if (finding.driftNanoUsd) tally.drift += finding.driftNanoUsd;
    if (fine.has(finding.class)) continue;
    const own = tally.classes.get(finding.class) ?? { size: 0n, days: new Set<number>() };
    const size = finding.driftNanoUsd ?? 0n;
    own.size += size < 0n ? -size : size;
    own.days.add(finding.day);
    tally.classes.set(finding.class, own);
  }
  return [...tallies.values()]
    .map(({ of: { cloud, model }, metered, drift, classes }) => {
      const [worst] = [...classes].toSorted(([, a], [, b]) => (a.size > b.size ? -1 : 1));
      return {
        model,
        cloud,
        drift_ratio: metered > 0n ? toUsd(drift) / toUsd(metered) : null,
        drift_usd: toUsd(drift),
        class: worst?.[0] ?? ('in_line' as const),
        days: worst?.[1].days.size ?? 0,
      };
    })
    .toSorted((a, b) => Math.abs(b.drift_usd) - Math.abs(a.drift_usd));
}
