import { setImmediate } from 'node:timers/promises';
import type { HoursOfDayQuery } from '../../agent/core/store.ts';
import { hourMs, minuteMs } from '../../agent/core/time.ts';
import { tokensOfRow } from './amount-columns.ts';
import type { Db } from './database.ts';

const hoursOfDay = 24;
/** Identities that are read before others have their turn: some milliseconds. */
const identitiesAtOnce = 50;

/**
 * Tokens by the hour of the UTC day: of thousands of identities a week is hundreds of thousands of rows, which take a fifth of
 * the time where each identity's come as one text.
 */
export function openHoursOfDay(
  db: Db,
): (query: HoursOfDayQuery) => Promise<readonly Float64Array[]> {
  const where = 'FROM usage_hour WHERE identity_id = ? AND minute >= ? AND minute < ?';
  const texts = db
    .prepare<[number, number, number], [count: number, tokens: string | null]>(
      `SELECT count(*), '[' || group_concat(${tokensOfRow} ORDER BY minute) || ']' ${where}`,
    )
    .raw();
  const rows = db
    .prepare<[number, number, number], [minute: number, tokens: number]>(
      `SELECT minute, ${tokensOfRow} ${where}`,
    )
    .raw();

  function addOne(sums: Float64Array, id: number, start: number, end: number): void {
    const first = (start * minuteMs) / hourMs;
    const [count, text] = texts.get(id, start, end) ?? [0, null];
    if (text === null) return;
    if (count * hourMs === (end - start) * minuteMs) {
      const tokens = JSON.parse(text) as readonly number[];
      for (let hour = 0; hour < tokens.length; hour += 1)
        add(sums, first + hour, tokens[hour] ?? 0);
      return;
    }
    for (const [minute, tokens] of rows.all(id, start, end)) {
      add(sums, (minute * minuteMs) / hourMs, tokens);
    }
  }

  return async ({ sets, window }) => {
    const [start, end] = [window.start / minuteMs, window.end / minuteMs];
    const found: Float64Array[] = [];
    let read = 0;
    for (const ids of sets) {
      const sums = new Float64Array(hoursOfDay);
      for (const id of ids) {
        addOne(sums, id, start, end);
        read += 1;
        if (read % identitiesAtOnce === 0) await setImmediate();
      }
      found.push(sums);
    }
    return found;
  };
}

function add(sums: Float64Array, hour: number, tokens: number): void {
  const place = hour % hoursOfDay;
  sums[place] = (sums[place] ?? 0) + tokens;
}
