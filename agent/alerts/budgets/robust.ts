/** Of nothing: NaN. */
export function meanOf(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Of nothing: NaN. */
export function medianOf(values: readonly number[]): number {
  return middleOf(inOrder(values));
}

/** Of values that are in order. */
function middleOf(sorted: ArrayLike<number>): number {
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? (upper + (sorted[middle - 1] ?? Number.NaN)) / 2 : upper;
}

/** As many as a fortnight has days: more are faster sorted by what is made for it. */
const few = 14;

/** The smallest first; the values themselves keep their order. */
export function inOrder(values: readonly number[]): ArrayLike<number> {
  if (values.length > few) return new Float64Array(values).toSorted();
  const sorted: number[] = [];
  for (const value of values) {
    let at = sorted.length;
    for (; at > 0 && (sorted[at - 1] ?? value) > value; at -= 1)
      sorted[at] = sorted[at - 1] ?? value;
    sorted[at] = value;
  }
  return sorted;
}

/** The standard deviation of what is normal among the values, from the median of the distances to their median. */
export function spreadOf(values: readonly number[]): number {
  return spreadAround(values, medianOf(values));
}

function spreadAround(values: readonly number[], median: number): number {
  return 1.4826 * medianOf(values.map((value) => Math.abs(value - median)));
}

/** The sample standard deviation; of one value 0. */
export function deviationOf(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = meanOf(values);
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}

/** Values further than `widths` spreads from the median are moved there, so that one odd day does not rule the rest. */
export function withoutExtremes(values: readonly number[], widths: number): readonly number[] {
  const median = medianOf(values);
  const reach = widths * spreadAround(values, median);
  if (reach === 0) return values.length < 4 ? values : values.map(() => median);
  return values.map((value) => Math.min(Math.max(value, median - reach), median + reach));
}

/** The point that Student's t stays below nine times in ten (Cornish-Fisher expansion; within 1 % from 3 degrees on). */
export function tNineTenths(degrees: number): number {
  const z = 1.281_551_6;
  const first = (z ** 3 + z) / (4 * degrees);
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2);
  return z + first + second;
}
