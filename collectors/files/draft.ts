import type { BillLine, MeaningOf } from '../../agent/core/bill.ts';
import type { ImportedStatement } from '../../agent/core/bill-file.ts';
import type { Cloud } from '../../agent/core/cloud.ts';
import { addExact, decimalText, roundedTo } from '../../agent/core/decimal-sum.ts';
import type { Exact } from '../../agent/core/decimal-sum.ts';
import { dayMs, floorTo, isoUtc } from '../../agent/core/time.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import type { BillFormat, Charge } from './format.ts';
import { badCell, instantOf } from './row.ts';
import type { Row } from './row.ts';

/** A line so far. Its `start` is its day's. */
type Sum = Charge;

/** What is known of one billing account's one period so far. */
export interface Draft {
  readonly format: BillFormat;
  readonly cloud: Cloud;
  readonly scope: string;
  /** Whole UTC days. */
  readonly period: Window;
  readonly lines: Map<string, Sum>;
  rows: number;
  moved: number;
  /** Whether one of its rows, and whether every row of a model, is on an invoice. */
  isInvoiced: boolean;
  isOpen: boolean;
  lastCharge: Instant | null;
}

export function createDraft(of: Pick<Draft, 'format' | 'cloud' | 'scope' | 'period'>): Draft {
  const counts = { rows: 0, moved: 0, isInvoiced: false, isOpen: false, lastCharge: null };
  return { ...of, lines: new Map(), ...counts };
}

/** A row of any service says how far the file reaches; what it says wrongly is nobody's loss. */
export function noteCharge(draft: Draft, startText: string): void {
  const start = instantOf(startText);
  if (start === undefined || start < draft.period.start || start >= draft.period.end) return;
  if (draft.lastCharge === null || start > draft.lastCharge) draft.lastCharge = start;
}

/** Throws where the charge lies outside of the period and is none that looks back. */
export function addCharge(draft: Draft, row: Row, charge: Charge): void {
  const { period, lines, format } = draft;
  let day = floorTo(charge.start, dayMs);
  draft.rows += 1;
  if (day < period.start || day >= period.end) {
    if (charge.recordType === 'usage') {
      const [from, to] = [period.start, period.end].map((at) => isoUtc(at).slice(0, 10));
      throw badCell(row, format.chargeStart, `lies outside of the billing period ${from} – ${to}`);
    }
    // A credit, a refund or a correction of another period is charged in this one, on no day in particular.
    day = period.start;
    draft.moved += 1;
  }
  const sum = { ...charge, start: day };
  const key = keyOf(sum);
  const known = lines.get(key);
  lines.set(key, known === undefined ? sum : merged(known, sum));
}

function keyOf(sum: Sum): string {
  const { start, account, region, resource, service, meter, meterId } = sum;
  const { recordType, unit, currency } = sum;
  const parts = [start, account, region, resource, service, meter, meterId];
  return [...parts, recordType, unit, currency].join('\u0000');
}

function merged(a: Sum, b: Sum): Sum {
  return {
    ...a,
    product: a.product < b.product ? a.product : b.product,
    quantity: bothOrNull(a.quantity, b.quantity),
    cost: addExact(a.cost, b.cost),
    amortizedCost: bothOrNull(a.amortizedCost, b.amortizedCost),
  };
}

/** A sum of which one part is not told is not told. */
function bothOrNull(a: Exact | null, b: Exact | null): Exact | null {
  return a === null || b === null ? null : addExact(a, b);
}

/**
 * The statement, lines sorted. It tells the whole period once that is over, and before only up to the day of the file's last
 * charge: what comes later is not free but not billed yet. It is final once every row of a model is on an invoice.
 */
export function statementOf(draft: Draft, meaningOf: MeaningOf, now: Instant): ImportedStatement {
  const { format, cloud, scope, period, lines, rows, moved, lastCharge } = draft;
  const isOver = period.end <= now;
  const lastDay = floorTo(lastCharge ?? period.start, dayMs);
  const days = { start: period.start, end: isOver ? period.end : lastDay + dayMs };
  const isFinal = isOver && draft.isInvoiced && !draft.isOpen;
  const sorted = [...lines].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    statement: {
      source: format.source,
      cloud,
      scope,
      days,
      finalUntil: isFinal ? days.end : days.start,
      fetchedAt: now,
      lines: sorted.map(([, sum]) => lineOf(sum, meaningOf)),
    },
    period,
    rows,
    moved,
    lastCharge,
  };
}

/** Digits of a fraction that the ledger takes. Only doubles below a quadrillionth have more. */
const fractionDigits = 30;

function textOf(exact: Exact | null): string | null {
  return exact === null ? null : decimalText(roundedTo(exact, fractionDigits));
}

function lineOf(sum: Sum, meaningOf: MeaningOf): BillLine {
  const { start, product, quantity, cost, amortizedCost, ...rest } = sum;
  const { service, meter, unit } = sum;
  return {
    day: start,
    ...rest,
    meaning: meaningOf({ service, meter, unit, product }),
    quantity: textOf(quantity),
    cost: decimalText(roundedTo(cost, fractionDigits)),
    amortizedCost: textOf(amortizedCost),
  };
}
