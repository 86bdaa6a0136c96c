import type { MeterUnit, Target } from '../core/collector.ts';
import type { Window } from '../core/time.ts';

/**
 * Values one collected window may hold. Normalizing and committing it is one go of the process: this many take some tens
 * of milliseconds, so that everything else the process does waits no longer.
 */
export const pointsPerWindow = 15_000;

/** What a unit that asks for every series of its meter (`*`) may answer with; more only makes a longer go. */
const seriesPerWildcard = 8;

interface Due {
  readonly window: Window;
  readonly periodSeconds: number;
  readonly units: readonly MeterUnit[];
}

/**
 * The window in requests of at most `pointsPerWindow` values, by units: those of one traffic stay together, for a
 * traffic is derived as a whole, so one that alone has more stands alone. Units keep their order.
 */
export function cutByUnits<T extends Due>(target: Target, due: T): readonly T[] {
  const periods = (due.window.end - due.window.start) / (due.periodSeconds * 1_000);
  const pieces: MeterUnit[][] = [];
  let room = 0;
  for (const { units, columns } of traffics(target, due.units)) {
    const points = columns * periods;
    if (points > room || pieces.length === 0) {
      pieces.push([]);
      room = pointsPerWindow;
    }
    for (const unit of units) pieces.at(-1)?.push(unit);
    room -= points;
  }
  return pieces.length < 2 ? [due] : pieces.map((units) => ({ ...due, units }));
}

/** Values a period of the traffic that has most of them. */
export function widestTraffic(target: Target): number {
  return traffics(target, target.units).reduce((most, one) => Math.max(most, one.columns), 1);
}

export interface TrafficUnits {
  readonly units: MeterUnit[];
  columns: number;
}

/**
 * Units by the traffic they measure, in the order first met. What every catalog row of a namespace tells names the
 * traffic; what only some tell (the tier) splits it.
 */
export function traffics(target: Target, units: readonly MeterUnit[]): readonly TrafficUnits[] {
  const rows = new Map(target.rows.map((row) => [row.id, row]));
  const naming = namingDimensions(target);
  const found = new Map<string, TrafficUnits>();
  for (const unit of units) {
    const row = rows.get(unit.rowId);
    const names = naming.get(row?.namespace ?? '') ?? [];
    const name = JSON.stringify([row?.namespace, ...names.map((one) => unit.dimensions[one])]);
    const isWildcard = Object.values(unit.dimensions).includes('*');
    const columns = (row?.statistics.length ?? 1) * (isWildcard ? seriesPerWildcard : 1);
    const known = found.get(name);
    if (known === undefined) found.set(name, { units: [unit], columns });
    else {
      known.units.push(unit);
      known.columns += columns;
    }
  }
  return [...found.values()];
}

function namingDimensions(target: Target): ReadonlyMap<string, readonly string[]> {
  const naming = new Map<string, readonly string[]>();
  for (const { namespace, dimensions } of target.rows) {
    const known = naming.get(namespace) ?? dimensions;
    naming.set(
      namespace,
      known.filter((name) => dimensions.includes(name)),
    );
  }
  return naming;
}
