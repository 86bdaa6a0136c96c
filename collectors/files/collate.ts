import type { MeaningOf } from '../../agent/core/bill.ts';
import type { ImportedBills, LeftOut } from '../../agent/core/bill-file.ts';
import type { Cloud } from '../../agent/core/cloud.ts';
import { ceilTo, dayMs, floorTo, isoUtc } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import { addCharge, createDraft, noteCharge, statementOf } from './draft.ts';
import type { Draft } from './draft.ts';
import { BillFileError } from './errors.ts';
import type { BillFormat, RowOwner } from './format.ts';
import { badCell } from './row.ts';
import type { Row } from './row.ts';
import type { RowSink } from './sink.ts';

/** Rows of any number of files, added up by billing account and period. What it holds grows with lines, not with rows. */
export interface Collation {
  sinkOf(format: BillFormat): RowSink;
  finish(deps: {
    readonly meaningOf: (cloud: Cloud) => MeaningOf;
    readonly now: Instant;
  }): Omit<ImportedBills, 'files'>;
}

type Owned = Extract<RowOwner, { readonly kind: 'owned' }>;

const longestPeriodDays = 93;
const namesAtMost = 200;

export function createCollation(): Collation {
  const drafts = new Map<string, Draft>();
  const leftOut = new Map<string, { reason: LeftOut; name: string; rows: number }>();
  let read = 0;
  let kept = 0;

  function leave({ reason, name }: { readonly reason: LeftOut; readonly name: string }): void {
    const room = leftOut.size < namesAtMost || leftOut.has(`${reason} ${name}`);
    const under = room ? name : 'others';
    const key = `${reason} ${under}`;
    const rows = (leftOut.get(key)?.rows ?? 0) + 1;
    leftOut.set(key, { reason, name: under, rows });
  }

  function draftOf(format: BillFormat, row: Row, owned: Owned): Draft {
    const { cloud, scope } = owned;
    const period = {
      start: floorTo(owned.periodStart, dayMs),
      end: ceilTo(owned.periodEnd, dayMs),
    };
    const lengthMs = period.end - period.start;
    if (lengthMs <= 0 || lengthMs > longestPeriodDays * dayMs) {
      throw badCell(row, format.periodEnd, 'ends no billing period of one day to three months');
    }
    const key = `${format.name} ${cloud} ${period.start} ${scope}`;
    const known = drafts.get(key);
    if (known?.period.end === period.end) return known;
    if (known !== undefined) {
      throw badCell(row, format.periodEnd, 'ends a period that ends otherwise in an earlier row');
    }
    const draft = createDraft({ format, cloud, scope, period });
    drafts.set(key, draft);
    return draft;
  }

  function sinkOf(format: BillFormat): RowSink {
    return {
      format,
      look(row) {
        read += 1;
        const owner = format.owner(row);
        if (owner.kind === 'left_out') {
          leave(owner);
          return false;
        }
        const draft = draftOf(format, row, owner);
        noteCharge(draft, row.text(format.chargeStart));
        if (owner.invoice !== '') draft.isInvoiced = true;
        if (owner.leftOut === undefined) {
          if (owner.invoice === '') draft.isOpen = true;
          return true;
        }
        leave(owner.leftOut);
        return false;
      },
      take(row) {
        const owner = format.owner(row);
        if (owner.kind === 'left_out') return;
        kept += 1;
        addCharge(draftOf(format, row, owner), row, format.charge(row));
      },
    };
  }

  return {
    sinkOf,
    finish({ meaningOf, now }) {
      const sorted = [...drafts.values()].toSorted(byPlace);
      refuseOverlaps(sorted);
      return {
        statements: sorted.map((draft) => statementOf(draft, meaningOf(draft.cloud), now)),
        read,
        kept,
        leftOut: [...leftOut.values()].toSorted(
          (a, b) => b.rows - a.rows || a.name.localeCompare(b.name, 'en'),
        ),
      };
    },
  };
}

function placeOf({ format, cloud, scope }: Draft): string {
  return `${format.name} ${cloud} ${scope}`;
}

function byPlace(a: Draft, b: Draft): number {
  return placeOf(a).localeCompare(placeOf(b), 'en') || a.period.start - b.period.start;
}

/** One day of an account is told by one statement. */
function refuseOverlaps(sorted: readonly Draft[]): void {
  for (const [index, next] of sorted.entries()) {
    const before = sorted[index - 1];
    if (before === undefined || placeOf(before) !== placeOf(next)) continue;
    if (before.period.end <= next.period.start) continue;
    const [a, b] = [before, next].map(
      ({ period }) => `${isoUtc(period.start).slice(0, 10)} – ${isoUtc(period.end).slice(0, 10)}`,
    );
    throw new BillFileError(
      `billing account ${next.scope}: the billing periods ${a} and ${b} share days, so it is not clear which one bills them. Export the file again; nothing was written.`,
    );
  }
}
