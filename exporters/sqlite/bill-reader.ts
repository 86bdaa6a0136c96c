import { chooseBill } from '../../agent/core/bill-choice.ts';
import type { AccountDay } from '../../agent/core/bill-choice.ts';
import type { MeterMeaning, RecordType } from '../../agent/core/bill.ts';
import type { BillReader, StoredBillLine } from '../../agent/core/bill-store.ts';
import { monthStart, nextMonth } from '../../agent/core/month.ts';
import { overlap } from '../../agent/core/window.ts';
import type { SkipReason } from '../../agent/core/price-list.ts';
import { dayMs } from '../../agent/core/time.ts';
import type { Window } from '../../agent/core/time.ts';
import { readToldScopes } from './bill-spans.ts';
import type { Db } from './database.ts';

interface LineRow {
  day: number;
  account: string;
  region: string;
  resource: string;
  meter_row: number;
  service: string;
  meter: string;
  meter_id: string;
  unit: string;
  meaning: string;
  record_type: RecordType;
  currency: string;
  quantity: string | null;
  cost: string;
  amortized: string | null;
}

/** Beside a running writer too: one answer is of one moment. */
export function createBillReader(db: Db): BillReader {
  const linesOf = db.prepare<[number, number, number], LineRow>(
    `SELECT day, account, region, resource, bill_meter.id AS meter_row, service, meter, bill_meter.meter_id, unit, meaning,
       record_type, currency, quantity, cost, amortized
     FROM bill_line JOIN bill_place ON bill_place.id = bill_line.place_id
       JOIN bill_meter ON bill_meter.id = bill_line.meter_row
     WHERE scope_id = ? AND day >= ? AND day < ?
     ORDER BY day, account, resource, service, meter, region, record_type, currency, meter_row, ordinal`,
  );
  const accountDays = db.prepare<[number, number, number], { account: string; day: number }>(
    `SELECT DISTINCT day, account FROM bill_line JOIN bill_place ON bill_place.id = place_id
     WHERE scope_id = ? AND day >= ? AND day < ?`,
  );

  const bills = db.transaction((days: Window, source?: string): readonly StoredBillLine[] => {
    const months = { start: monthStart(days.start), end: nextMonth(days.end - 1) };
    const scopes = readToldScopes(db).filter(
      (one) =>
        (source === undefined || one.source === source) &&
        one.spans.some((span) => overlap(span, months)),
    );
    const told = scopes.flatMap(({ id }) =>
      accountDays
        .all(id, months.start / dayMs, months.end / dayMs)
        .map(({ account, day }): AccountDay => ({ scopeId: id, account, day: day * dayMs })),
    );
    const billOf = chooseBill(scopes, told);
    const meaningOf = openMeanings();
    const found: StoredBillLine[] = [];
    for (const scope of scopes) {
      const { id, cloud } = scope;
      for (const row of linesOf.iterate(id, days.start / dayMs, days.end / dayMs)) {
        const day = row.day * dayMs;
        if (billOf(cloud, row.account, day) !== id) continue;
        const span = scope.spans.find(({ start, end }) => start <= day && day < end);
        if (span === undefined) continue;
        found.push({
          cloud,
          source: scope.source,
          scope: scope.scope,
          final: day + dayMs <= span.finalUntil,
          fetchedAt: span.fetchedAt,
          day,
          account: row.account,
          region: row.region,
          resource: row.resource,
          service: row.service,
          meter: row.meter,
          meterId: row.meter_id,
          meaning: meaningOf(row),
          quantity: row.quantity,
          unit: row.unit,
          cost: row.cost,
          amortizedCost: row.amortized,
          currency: row.currency,
          recordType: row.record_type,
        });
      }
    }
    return scopes.length === 1 ? found : found.toSorted(byPlace);
  });

  return {
    async bills(days, source) {
      return days.start < days.end ? bills(days, source) : [];
    },
    async billedDays() {
      return readToldScopes(db).flatMap(({ source, cloud, scope, spans }) =>
        spans.map((span) => ({ source, cloud, scope, ...span })),
      );
    },
  };
}

/** A meaning is shared by all lines of its meter. */
function openMeanings() {
  const known = new Map<number, MeterMeaning | SkipReason>();
  return ({ meter_row: id, meaning }: LineRow): MeterMeaning | SkipReason => {
    const before = known.get(id);
    if (before !== undefined) return before;
    const parsed: MeterMeaning | SkipReason = JSON.parse(meaning);
    known.set(id, parsed);
    return parsed;
  };
}

/** Stable, so that lines of one scope stay in the order they have. */
function byPlace(a: StoredBillLine, b: StoredBillLine): number {
  return (
    a.day - b.day ||
    words(a.account, b.account) ||
    words(a.resource, b.resource) ||
    words(a.service, b.service) ||
    words(a.meter, b.meter)
  );
}

function words(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
