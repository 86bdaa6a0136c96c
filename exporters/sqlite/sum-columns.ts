/** Adds what rows of a column hold, from a period on, to the places of each of them. */
export function addColumn(
  sum: Float64Array,
  column: Float64Array,
  rows: readonly number[],
  first: number,
  places: Int32Array,
): void {
  for (const row of rows) {
    for (let i = 0; i < places.length; i += 1) {
      const value = column[row + first + i] as number;
      // Only NaN is not itself: there is no figure.
      if (value !== value) continue;
      const place = places[i] as number;
      const before = sum[place] as number;
      sum[place] = before !== before ? value : before + value;
    }
  }
}

interface Strides {
  readonly periods: number;
  readonly period: number;
  readonly firstPlace: number;
  readonly apart: number;
}

/** Adds one period of each of the slots to sums that lie so many places apart. */
export function addStrided(
  sum: Float64Array,
  column: Float64Array,
  identitySlots: Int32Array,
  { periods, period, firstPlace, apart }: Strides,
): void {
  for (let at = 0; at < identitySlots.length; at += 1) {
    const value = column[(identitySlots[at] as number) * periods + period] as number;
    if (value !== value) continue;
    const to = firstPlace + at * apart;
    const before = sum[to] as number;
    sum[to] = before !== before ? value : before + value;
  }
}

/** No figure anywhere. */
export function empty(length: number): Float64Array {
  return new Float64Array(length).fill(Number.NaN);
}
