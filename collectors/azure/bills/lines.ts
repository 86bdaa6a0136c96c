import type { BillLine, MeaningOf, RecordType } from '../../../agent/core/bill.ts';
import type { CostRow } from './cost-table.ts';
import { isAbout, sumOf } from './decimal-text.ts';
import type { BilledMeter } from './meters.ts';
import { idOf } from './meters.ts';
import type { Part } from './parts.ts';

/**
 * What a part was billed, as charged and with commitments spread. `amortized` is `same` where that makes no difference, and
 * null where the bill was not asked for it.
 */
export interface PartRows {
  readonly part: Part;
  readonly charged: readonly CostRow[];
  readonly amortized: readonly CostRow[] | 'same' | null;
}

export interface LineContext {
  readonly subscription: string;
  readonly meterOf: (id: string) => BilledMeter | undefined;
  readonly meaningOf: MeaningOf;
}

/**
 * One line a row of what is charged. A row of the other answer belongs to the one with the same day, resource, meter and
 * currency; one that belongs to none (the unused hours of a reservation) is a line that charges nothing and has no quantity.
 * Of what is not in the other answer nothing is spread over the day.
 */
export function linesOf(rows: PartRows, context: LineContext): readonly BillLine[] {
  const { charged, amortized } = rows;
  const spread = Array.isArray(amortized) ? byKey(amortized) : null;
  const lines = charged.map((row) => {
    const key = keyOf(row);
    const other = spread?.get(key)?.cost ?? '0';
    spread?.delete(key);
    const amortizedCost = amortized === 'same' ? row.cost : spread === null ? null : other;
    return lineOf(row, { amortizedCost }, rows.part, context);
  });
  const left = [...(spread?.values() ?? [])].map((row) => {
    const nothing = { cost: '0', quantity: null, amortizedCost: row.cost };
    return lineOf(row, nothing, rows.part, context);
  });
  return [...lines, ...left];
}

/** Why the rows are not all of the part; undefined where they are. A part of one currency is not in the other's sum. */
export function missingOf({ sums }: Part, rows: readonly CostRow[]): string | undefined {
  const currencies = new Set([...sums, ...rows].map(({ currency }) => currency));
  for (const currency of currencies) {
    const [sum, all] = [sums, rows].map((some) =>
      sumOf(some.filter((row) => row.currency === currency).map(({ cost }) => cost)),
    );
    if (sum !== undefined && all !== undefined && !isAbout(sum, all)) {
      return `its rows come to ${all} ${currency} of ${sum}`;
    }
  }
  return undefined;
}

/** Whether both answers say the same of a part, amounts and all. */
export function isSame(one: Part, other: Part | undefined): boolean {
  return other !== undefined && sumsText(one) === sumsText(other);
}

function sumsText({ sums }: Part): string {
  const texts = sums.map((row) => [row.currency, row.cost, row.quantity].join(' '));
  return texts.toSorted().join();
}

function lineOf(
  row: CostRow,
  amounts: Pick<BillLine, 'amortizedCost'> & Partial<Pick<BillLine, 'cost' | 'quantity'>>,
  { service, chargeType }: Part,
  { subscription, meterOf, meaningOf }: LineContext,
): BillLine {
  const meterId = idOf(row.of.ResourceGuid);
  const known = meterOf(meterId);
  const {
    name: meter,
    unit,
    product,
  } = known ?? {
    name: row.of.Meter ?? '',
    unit: '',
    product: '',
  };
  return {
    day: row.day,
    account: subscription,
    region: '',
    resource: resourceOf(row.of.ResourceId ?? ''),
    service,
    meter,
    meterId,
    meaning: meaningOf({ service, meter, unit, product }),
    quantity: row.quantity,
    unit,
    cost: row.cost,
    currency: row.currency,
    recordType: recordTypeOf(chargeType),
    ...amounts,
  };
}

/** Rows that differ in nothing but the case of a word are one. */
function byKey(rows: readonly CostRow[]): Map<string, CostRow> {
  const found = new Map<string, CostRow>();
  for (const row of rows) {
    const key = keyOf(row);
    const before = found.get(key);
    const cost = before === undefined ? row.cost : sumOf([before.cost, row.cost]);
    found.set(key, { ...row, cost });
  }
  return found;
}

function keyOf({ day, currency, of }: CostRow): string {
  const { ResourceId = '', ResourceGuid = '', Meter = '' } = of;
  return JSON.stringify([day, currency, ResourceId, ResourceGuid, Meter]).toLowerCase();
}

const account = /\/providers\/microsoft\.cognitiveservices\/accounts\/([^/]+)/;

/** The account's name in lower case; empty for what is no account. */
export function resourceOf(resourceId: string): string {
  return account.exec(resourceId.toLowerCase())?.[1] ?? '';
}

const types: ReadonlyMap<string, RecordType> = new Map([
  ['usage', 'usage'],
  ['purchase', 'purchase'],
  ['unusedreservation', 'purchase'],
  ['unusedsavingsplan', 'purchase'],
  ['refund', 'refund'],
  ['credit', 'credit'],
  ['tax', 'tax'],
  ['roundingadjustment', 'adjustment'],
]);

/** A type that is not known is no usage: an adjustment. */
export function recordTypeOf(chargeType: string): RecordType {
  return types.get(chargeType.toLowerCase()) ?? 'adjustment';
}
