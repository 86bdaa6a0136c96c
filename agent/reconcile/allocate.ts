/**
 * Cuts a whole number into whole parts in proportion to weights that are not negative. The parts add up to the total
 * exactly; what is left by rounding goes to the largest fractions, the first of equals. Without any weight the first part
 * gets all.
 */
export function allocate(total: number, weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  if (sum <= 0) return weights.map((_, index) => (index === 0 ? total : 0));
  const exact = weights.map((weight) => total * (weight / sum));
  const parts = exact.map(Math.floor);
  let rest = total - parts.reduce((all, part) => all + part, 0);
  const order = exact
    .map((value, index) => ({ index, fraction: value - Math.floor(value) }))
    .toSorted((a, b) => b.fraction - a.fraction);
  const step = Math.sign(rest);
  for (let at = 0; rest !== 0; at = (at + 1) % order.length) {
    const index = order[at]?.index ?? 0;
    const share = Math.abs(rest) > order.length ? Math.trunc(rest / order.length) : step;
    parts[index] = (parts[index] ?? 0) + share;
    rest -= share;
  }
  return parts;
}
