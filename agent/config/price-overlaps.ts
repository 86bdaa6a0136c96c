import type { DatedScope } from './price-scope.ts';
import type { Path } from './document.ts';

/** One row of the file, and what it says. */
export interface PlacedRow {
  readonly path: Path;
  readonly entries: readonly (DatedScope & {
    readonly item?: string;
    readonly cacheTtl?: string;
  })[];
}

/** Each row that says something of what an earlier one speaks of, over days that both hold. */
export function overlaps(
  rows: readonly PlacedRow[],
): readonly { readonly path: Path; readonly earlier: Path }[] {
  const spans = new Map<
    string,
    { readonly row: PlacedRow; readonly from: number; readonly to: number }[]
  >();
  return rows.flatMap((row) => {
    let earlier: PlacedRow | undefined;
    for (const { from, to, ...entry } of row.entries) {
      const { cloud, model, modelVersion, account, region, routing, tier, item, cacheTtl } = entry;
      const scope = [cloud, model, modelVersion, account, region, routing, tier, item, cacheTtl];
      const key = JSON.stringify(scope);
      const others = spans.get(key) ?? [];
      earlier ??= others.find(
        (other) => other.row !== row && other.from < to && from < other.to,
      )?.row;
      spans.set(key, [...others, { row, from, to }]);
    }
    return earlier === undefined ? [] : [{ path: row.path, earlier: earlier.path }];
  });
}
