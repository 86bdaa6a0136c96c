import type { Db } from './database.ts';

/** Rows on their way into a table, many a statement: a call into SQLite costs as much as several rows do. */
export interface ManyRows {
  /** The next value of the row that is being told; after its last one the row is complete. */
  value(value: number | bigint | string | null): void;
  /** Writes all complete rows. What was told is not in the file before. */
  flush(): void;
}

const rowsAtOnce = 60;
/** What is left at the end goes in a few smaller statements. */
const sizes = [10, 1] as const;

/**
 * @param width values a row
 * @param sqlOf the statement, given what follows VALUES
 */
export function openManyRows(db: Db, width: number, sqlOf: (rows: string) => string): ManyRows {
  const row = `(?${', ?'.repeat(width - 1)})`;
  const statementOf = (rows: number) => db.prepare(sqlOf(Array<string>(rows).fill(row).join(', ')));
  const many = statementOf(rowsAtOnce);
  const few = sizes.map((rows) => ({ values: rows * width, statement: statementOf(rows) }));
  const waiting: (number | bigint | string | null)[] = Array<null>(rowsAtOnce * width).fill(null);
  let next = 0;
  return {
    value(value) {
      waiting[next] = value;
      next += 1;
      if (next < waiting.length) return;
      next = 0;
      many.run(...waiting);
    },
    flush() {
      const end = next;
      next = 0;
      let at = 0;
      for (const { values, statement } of few) {
        for (; at + values <= end; at += values) statement.run(...waiting.slice(at, at + values));
      }
    },
  };
}
