import type { BillStatement } from '../../agent/core/bill.ts';
import type { BillWriter } from '../../agent/core/bill-store.ts';
import { exactOf } from '../../agent/core/decimal-sum.ts';
import { dayMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import { openBillSpans } from './bill-spans.ts';
import type { Db } from './database.ts';

/** Bills as lines by scope and day, names of meters and places once each, and which days of a scope were told. */
export function openBills(db: Db): BillWriter {
  const spans = openBillSpans(db);
  const keepScope = db.prepare(
    'INSERT INTO bill_scope (source, scope, cloud) VALUES (?, ?, ?) ON CONFLICT (source, scope) DO UPDATE SET cloud = excluded.cloud',
  );
  const scopeId = db
    .prepare<[string, string], number>('SELECT id FROM bill_scope WHERE source = ? AND scope = ?')
    .pluck();
  const place = openNames(db, 'bill_place', ['account', 'region', 'resource']);
  const meter = openNames(db, 'bill_meter', ['service', 'meter', 'meter_id', 'unit', 'meaning']);
  const drop = db.prepare('DELETE FROM bill_line WHERE scope_id = ? AND day >= ? AND day < ?');
  const insert = db.prepare('INSERT INTO bill_line VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');

  const record = db.transaction((statement: BillStatement) => {
    const { source, scope, cloud, days, lines } = statement;
    keepScope.run(source, scope, cloud);
    const id = scopeId.get(source, scope) as number;
    spans.told(id, statement);
    drop.run(id, days.start / dayMs, days.end / dayMs);
    const places = place();
    const meters = meter();
    const alike = new Map<string, number>();
    for (const line of lines) {
      const placeId = places([line.account, line.region, line.resource]);
      const meaning = JSON.stringify(line.meaning);
      const meterId = meters([line.service, line.meter, line.meterId, line.unit, meaning]);
      const { recordType, currency, quantity, cost, amortizedCost } = line;
      const day = line.day / dayMs;
      const key = `${day} ${placeId} ${meterId} ${recordType} ${currency}`;
      const ordinal = alike.get(key) ?? 0;
      alike.set(key, ordinal + 1);
      const amounts = [quantity, cost, amortizedCost];
      insert.run(id, day, placeId, meterId, recordType, currency, ordinal, ...amounts);
    }
  });

  return {
    recordBill(statement) {
      refuse(statement);
      if (statement.days.start < statement.days.end) record(statement);
    },
  };
}

function refuse({ source, scope, days, lines }: BillStatement): void {
  const wrong = (what: string) => new RangeError(`bill of ${scope} by ${source}: ${what}`);
  if (!isDay(days.start) || !isDay(days.end)) throw wrong('its days are not whole UTC days');
  for (const { day, meter, cost, quantity, amortizedCost } of lines) {
    if (!isDay(day) || day < days.start || day >= days.end) {
      throw wrong(`the line of ${meter} is of no day of the statement`);
    }
    for (const amount of [cost, quantity, amortizedCost]) {
      if (amount !== null && exactOf(amount) === undefined) {
        throw wrong(`the line of ${meter} has ${JSON.stringify(amount)} for an amount`);
      }
    }
  }
}

function isDay(instant: Instant): boolean {
  return Number.isFinite(instant) && instant % dayMs === 0;
}

/**
 * A table of names that stand for a number. What one statement found is remembered for that statement only: a transaction
 * that is rolled back takes new numbers with it.
 */
function openNames(db: Db, table: string, columns: readonly string[]) {
  const add = db.prepare(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')}) ON CONFLICT DO NOTHING`,
  );
  const find = db
    .prepare(`SELECT id FROM ${table} WHERE ${columns.map((name) => `${name} = ?`).join(' AND ')}`)
    .pluck();
  return () => {
    const found = new Map<string, number>();
    return (names: readonly string[]): number => {
      const key = JSON.stringify(names);
      let id = found.get(key);
      if (id === undefined) {
        add.run(names);
        id = find.get(names) as number;
        found.set(key, id);
      }
      return id;
    };
  };
}
