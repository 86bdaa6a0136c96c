import type { AuditClass, ModelDrift } from '../core/audit.ts';
import type { Cloud } from '../core/cloud.ts';
import { toUsd } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';
import type { Finding } from './finding.ts';

/** How a model stands on one day, or on several together. */
export interface DriftTally {
  readonly cloud: Cloud;
  readonly model: string;
  readonly metered: NanoUsd;
  readonly drift: NanoUsd;
  /** Of the classes that are a difference. */
  readonly classes: ReadonlyMap<AuditClass, ClassTally>;
}

interface ClassTally {
  readonly size: NanoUsd;
  readonly days: number;
}

interface Tally {
  readonly cloud: Cloud;
  readonly model: string;
  metered: NanoUsd;
  drift: NanoUsd;
  readonly classes: Map<AuditClass, { size: NanoUsd; days: number }>;
}

/** Classes whose rows say nothing of how meters and bill of the model stand to each other. */
const silent: ReadonlySet<AuditClass> = new Set(['not_final', 'no_token_meter', 'currency']);
const fine: ReadonlySet<AuditClass> = new Set(['in_line', 'allocated']);

/** Of the findings of one day, by model. */
export function driftTallies(findings: readonly Finding[]): readonly DriftTally[] {
  const at = byModel();
  for (const finding of findings) {
    const { cloud, model } = finding;
    if (model === '' || silent.has(finding.class)) continue;
    const tally = at.of(cloud, model);
    tally.metered += finding.cost?.best ?? 0n;
    if (finding.driftNanoUsd) tally.drift += finding.driftNanoUsd;
    if (fine.has(finding.class)) continue;
    const size = finding.driftNanoUsd ?? 0n;
    const own = classOf(tally, finding.class);
    own.size += size < 0n ? -size : size;
    own.days = 1;
  }
  return at.all();
}

/** How each model's bill stands to its meters, on comparable days; the largest drift first. */
export function modelDrifts(days: readonly (readonly DriftTally[])[]): readonly ModelDrift[] {
  const at = byModel();
  for (const { cloud, model, metered, drift, classes } of days.flat()) {
    const tally = at.of(cloud, model);
    tally.metered += metered;
    tally.drift += drift;
    for (const [name, { size, days: count }] of classes) {
      const own = classOf(tally, name);
      own.size += size;
      own.days += count;
    }
  }
  return at
    .all()
    .map(({ cloud, model, metered, drift, classes }) => {
      const [worst] = [...classes].toSorted(([, a], [, b]) => (a.size > b.size ? -1 : 1));
      return {
        model,
        cloud,
        drift_ratio: metered > 0n ? toUsd(drift) / toUsd(metered) : null,
        drift_usd: toUsd(drift),
        class: worst?.[0] ?? ('in_line' as const),
        days: worst?.[1].days ?? 0,
      };
    })
    .toSorted((a, b) => Math.abs(b.drift_usd) - Math.abs(a.drift_usd));
}

function byModel() {
  const tallies = new Map<string, Tally>();
  let last: Tally | undefined;
  return {
    of(cloud: Cloud, model: string): Tally {
      // Those of a model mostly stand together.
      if (last?.model === model && last.cloud === cloud) return last;
      const key = `${cloud}|${model}`;
      last = tallies.get(key) ?? { cloud, model, metered: 0n, drift: 0n, classes: new Map() };
      tallies.set(key, last);
      return last;
    },
    all: (): readonly Tally[] => [...tallies.values()],
  };
}

function classOf({ classes }: Tally, name: AuditClass) {
  const own = classes.get(name) ?? { size: 0n, days: 0 };
  classes.set(name, own);
  return own;
}
