import type { NanoUsd } from '../core/money.ts';
import type { RateCard } from '../core/rating.ts';
import { changeLines } from './change-lines.ts';
import type { Side } from './change-lines.ts';
import { splitChange } from './change-parts.ts';
import type { ChangeLine, ChangeParts } from './change-parts.ts';
import { sides } from './change-reader.ts';
import type { GroupRows } from './change-reader.ts';
import { spanSums } from './change-spans.ts';
import type { SpanSums } from './change-spans.ts';
import type { ChargeRates } from './charge-rates.ts';

/** What a group's rows of two spans come to. */
export interface GroupChange {
  readonly sums: Readonly<Record<Side, SpanSums>>;
  readonly change: NanoUsd;
  readonly parts: ChangeParts;
}

/** Of nothing but what it is given. */
export function groupChange(
  rows: GroupRows,
  ratesOf: (card: RateCard) => ChargeRates,
): GroupChange {
  const lines = changeLines(ratesOf);
  const sums = { before: spanSums(), after: spanSums() };
  for (const side of sides) {
    const { metered, unknown, common, capacity } = rows[side];
    for (const { row, of, card } of metered) {
      sums[side].add(row, row);
      lines.addTokens(side, of, row, card);
    }
    for (const { row } of unknown) {
      sums[side].add(row, row);
      lines.addUnknown(side, row.cost ?? 0n);
    }
    for (const { row, of, card } of common) {
      lines.addUnknown(side, -(row.cost ?? 0n));
      lines.addTokens(side, of, row, card);
    }
    for (const { row } of capacity) {
      sums[side].add(row);
      lines.addCapacity(side, row.cost);
    }
  }
  const found = lines.finish();
  return { sums, change: changeOf(found), parts: splitChange(found) };
}

function changeOf(lines: readonly ChangeLine[]): NanoUsd {
  return lines.reduce((sum, { cost, costBefore }) => sum + cost - costBefore, 0n);
}
