import type { Grain } from '../../agent/core/store.ts';
import { grainTables } from './amounts.ts';
import type { Db } from './database.ts';
import { readNumbers } from './number-text.ts';
import type { Block } from './sum-blocks.ts';

/** Rows of many identities on their way into a block. */
export interface SumTexts {
  /**
   * Reads what a block does not have of identities, all at once.
   * @param figures a bit each of those that are read, the first is 1
   */
  read(block: Block, identityIds: readonly number[], figures: number): void;
}

/** Which figures are asked for is the asker's choice, and a statement is some kilobytes. */
const mostStatements = 30;

/** Numbers are bound as if they had a fraction, and would be divided so. */
const whole = 'CAST(? AS INTEGER)';

type Range = [
  perIdentity: number,
  start: number,
  step: number,
  ids: string,
  from: number,
  to: number,
];

/**
 * A call into SQLite for each row, and a value for each figure of it, take three times as long as all rows' figures as one text
 * each do.
 * @param values of a row, as SQL
 */
export function openSumTexts(db: Db, values: readonly string[]): SumTexts {
  const statements = new Map<string, ReturnType<typeof prepare>>();
  /** Of one text after the other. */
  let numbers = new Float64Array(0);

  function prepare(grain: Grain, isSum: boolean, figures: number) {
    const wanted = values.filter((_, index) => (figures & (1 << index)) !== 0);
    const told = wanted.map((value, i) => `${isSum ? `sum(${value})` : value} AS f${i}`).join(', ');
    const texts = wanted.map((_, i) => `, CAST(group_concat(ifnull(f${i}, '')) AS BLOB)`).join('');
    return db
      .prepare<Range, (Uint8Array | null)[]>(
        `SELECT CAST(group_concat(place) AS BLOB)${texts} FROM (
           SELECT identity_id * ${whole} + (minute - ${whole}) / ${whole} AS place, ${told}
           FROM ${grainTables[grain]}
           WHERE identity_id IN (SELECT value FROM json_each(?)) AND minute >= ? AND minute < ?
           ${isSum ? 'GROUP BY identity_id' : ''})`,
      )
      .raw();
  }

  function statementOf(grain: Grain, isSum: boolean, figures: number) {
    const key = `${grain} ${isSum} ${figures}`;
    const known = statements.get(key) ?? prepare(grain, isSum, figures);
    if (!statements.has(key) && statements.size >= mostStatements) statements.clear();
    statements.set(key, known);
    return known;
  }

  return {
    read(block, identityIds, figures) {
      const { grain, start, end, step, periods } = block;
      const found = statementOf(grain, periods === 1, figures).get(
        periods,
        start,
        step,
        JSON.stringify(identityIds),
        start,
        end,
      );
      const [places, ...texts] = found ?? [];
      if (places === undefined || places === null) return;
      const most = identityIds.length * periods;
      if (numbers.length < most) numbers = new Float64Array(most);
      const count = readNumbers(places, numbers);
      const rows = block.placesOf(numbers.subarray(0, count));
      let text = -1;
      for (let figure = 0; figure < values.length; figure += 1) {
        if ((figures & (1 << figure)) === 0) continue;
        text += 1;
        const of = texts[text];
        // Nothing but commas: nobody has one.
        if (of === undefined || of === null || of.length < count) continue;
        readNumbers(of, numbers);
        block.put(figure, rows, numbers);
      }
    },
  };
}
