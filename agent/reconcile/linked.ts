/** What belongs together; either side may be empty. */
export interface Linked<Left, Right> {
  readonly left: readonly Left[];
  readonly right: readonly Right[];
}

/**
 * The smallest groups in which everything that fits something is with it. Left ones in their order, then right ones that
 * fit nothing, each by itself.
 */
export function linked<Left, Right>(
  left: readonly Left[],
  right: readonly Right[],
  fits: (one: Left, other: Right) => boolean,
): readonly Linked<Left, Right>[] {
  const isOne =
    left.length > 0 && right.length > 0 && left.every((one) => right.every((o) => fits(one, o)));
  // Mostly so, and then there is nothing to look for.
  if (isOne) return [{ left, right }];
  const groups: { left: Left[]; right: Set<Right> }[] = [];
  for (const one of left) {
    const mine = { left: [one], right: new Set(right.filter((other) => fits(one, other))) };
    const joined = groups.filter((group) =>
      [...mine.right].some((other) => group.right.has(other)),
    );
    const [first] = joined;
    if (first === undefined) {
      groups.push(mine);
      continue;
    }
    for (const group of [...joined.slice(1), mine]) {
      first.left.push(...group.left);
      for (const other of group.right) first.right.add(other);
      if (group !== mine) groups.splice(groups.indexOf(group), 1);
    }
  }
  const taken = new Set(groups.flatMap((group) => [...group.right]));
  return [
    ...groups.map((group) => ({ left: group.left, right: [...group.right] })),
    ...right.filter((one) => !taken.has(one)).map((one) => ({ left: [], right: [one] })),
  ];
}
