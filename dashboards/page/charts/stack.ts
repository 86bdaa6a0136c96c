import type { Dimension } from '../../../agent/core/dimension.ts';
import type { Instant } from '../../../agent/core/time.ts';
import type { UsageRow } from '../reader.ts';

/** Series on top of one another, a value a bucket; null: the bucket was not read, or nothing in it has a price. */
export interface Stack {
  /** Where buckets start. */
  readonly times: readonly Instant[];
  /** Largest first; what is left over is last. */
  readonly layers: readonly Layer[];
  /** The highest sum of a bucket. */
  readonly most: number;
}

export interface Layer {
  readonly name: string;
  /** Its colour: 0 to 5, and 6 for what is left over. */
  readonly slot: number;
  readonly values: readonly (number | null)[];
  readonly sum: number;
}

const mostLayers = 6;
const restSlot = 6;

/** Costs by bucket and group; the smaller groups are one layer. */
export function stackOf(rows: readonly UsageRow[], groupBy: Dimension): Stack {
  const times = [...new Set(rows.map(({ time }) => time))].toSorted();
  const places = new Map(times.map((time, index) => [time, index]));
  const byName = new Map<string, (number | null)[]>();
  for (const row of rows) {
    const name = String(row[groupBy] ?? '');
    const values = byName.get(name) ?? times.map(() => null);
    byName.set(name, values);
    values[places.get(row.time) ?? 0] = row.cost_usd;
  }
  const all = [...byName]
    .map(([name, values]) => ({ name, values, sum: sumOf(values) }))
    .filter(({ sum }) => sum > 0)
    .toSorted((a, b) => b.sum - a.sum || (a.name < b.name ? -1 : 1));
  const kept =
    all.length > mostLayers + 1 ? all.slice(0, mostLayers) : all.slice(0, mostLayers + 1);
  const left = all.slice(kept.length);
  const layers: Layer[] = kept.map((one, slot) => ({ ...one, slot }));
  if (left.length > 0) {
    const values = times.map((_, index) => added(left.map((one) => one.values[index] ?? null)));
    const name = `${left.length} others`;
    layers.push({ name, slot: restSlot, values, sum: sumOf(values) });
  }
  const sums = times.map((_, index) => sumOf(layers.map((one) => one.values[index] ?? null)));
  return { times: times.map((time) => Date.parse(time)), layers, most: Math.max(0, ...sums) };
}

/** Which colour a name has in the chart; undefined where it is among those left over. */
export function slotOf(stack: Stack, name: string): number | undefined {
  return stack.layers.find((layer) => layer.name === name)?.slot;
}

function sumOf(values: readonly (number | null)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

function added(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : sumOf(known);
}

/** A round number at or a little above, where an axis may end. */
export function roundUp(value: number): number {
  if (value <= 0) return 1;
  const size = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((one) => one * size >= value * 0.999) ?? 10;
  return step * size;
}
