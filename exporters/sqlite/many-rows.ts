import type { Db } from './database.ts';

/** Rows on their way into a table, many a statement: a call into SQLite costs as much as several rows do. */
export interface ManyRows {
  /** The next value of the row that is being told; after its last one the row is complete. */
  value(value: number | bigint | string | null): void;
  /** Writes all complete rows. What was told is not in the file before. */
  flush(): void;
}

const rowsAtOnce = 60;

/**
 * @param width values a row
 * @param sqlOf the statement, given what follows VALUES
 */
export function openManyRows(db: Db, width: number, sqlOf: (rows: string) => string): ManyRows {
  const row = `(?${', ?'.repeat(width - 1)})`;
  const one = db.prepare(sqlOf(row));
  const many = db.prepare(sqlOf(Array<string>(rowsAtOnce).fill(row).join(', ')));
  const waiting: (number | bigint | string | null)[] = Array<null>(rowsAtOnce * width).fill(null);
  let next = 0;
  return {
    value(value) {
      waiting[next] = value;
      next += 1;
      if (next < waiting.length) return;
      next = 0;
      many.run(waiting);
    },
    flush() {
      const end = next;
      next = 0;
      for (let at = 0; at < end; at += width) one.run(waiting.slice(at, at + width));
    },
  };
}
