import { dayMs, floorTo, hourMs, minuteMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import type { Db } from './database.ts';
import { packHours, packIdentities, usableFigure } from './hour-packs.ts';
import { figureValues } from './sum-figures.ts';

/** Boards show a week by the hour, and the day that it begins in. */
const packedDays = 8;
/** The hours of a day are all there by then; what comes later is read beside the pack. */
const afterMs = hourMs;
/** As many are read beside a pack at no great cost; of more it is made anew. */
const mostStale = 8;

const dayMinutes = dayMs / minuteMs;
const hourMinutes = hourMs / minuteMs;

type HourRow = readonly [identityId: number, minute: number, ...(number | null)[]];

/**
 * One short step: packs the hours of a day of some identities, where that is not done or too much of it has changed since. What
 * is too old is given up. Says whether there was anything to pack: there may be more.
 */
export function createHourPacking(db: Db): (now: Instant) => boolean {
  const highest = db.prepare<[], number | null>('SELECT max(id) FROM identity').pluck();
  const isPacked = db
    .prepare<[number, number], number>(
      `SELECT 1 FROM hour_pack WHERE day = ? AND slice = ? AND figure = ${usableFigure}`,
    )
    .pluck();
  const stale = db
    .prepare<[number, number, number, number], number>(
      `SELECT count(*) FROM (SELECT 1 FROM hour_pack_stale
         WHERE day = ? AND identity_id >= ? AND identity_id < ? LIMIT ?)`,
    )
    .pluck();
  const rows = db
    .prepare<[number, number, number, number], HourRow>(
      `SELECT identity_id, minute, ${figureValues.join(', ')}
       FROM identity CROSS JOIN usage_hour ON identity_id = identity.id AND minute >= ? AND minute < ?
       WHERE identity.id >= ? AND identity.id < ?`,
    )
    .raw();
  const put = db.prepare('INSERT INTO hour_pack VALUES (?, ?, ?, ?)');
  const dropPack = db.prepare('DELETE FROM hour_pack WHERE day = ? AND slice = ?');
  const dropStale = db.prepare(
    'DELETE FROM hour_pack_stale WHERE day = ? AND identity_id >= ? AND identity_id < ?',
  );
  const dropOldPacks = db.prepare('DELETE FROM hour_pack WHERE day < ?');
  const dropOldStale = db.prepare('DELETE FROM hour_pack_stale WHERE day < ?');

  function isWanted(day: number, slice: number): boolean {
    if (isPacked.get(day, slice) === undefined) return true;
    const first = slice * packIdentities;
    return (stale.get(day, first, first + packIdentities, mostStale + 1) ?? 0) > mostStale;
  }

  function pack(day: number, slice: number): void {
    const first = slice * packIdentities;
    const columns = figureValues.map(() => new Float64Array(packIdentities * packHours).fill(NaN));
    const ends = figureValues.map(() => 0);
    const start = day * dayMinutes;
    let isExact = true;
    for (const [id, minute, ...values] of rows.iterate(
      start,
      start + dayMinutes,
      first,
      first + packIdentities,
    )) {
      const place = (id - first) * packHours + (minute - start) / hourMinutes;
      for (const [figure, value] of values.entries()) {
        const column = columns[figure];
        if (value === null || column === undefined) continue;
        isExact &&= Math.abs(value) <= Number.MAX_SAFE_INTEGER;
        column[place] = value;
        ends[figure] = place + 1;
      }
    }
    dropPack.run(day, slice);
    dropStale.run(day, first, first + packIdentities);
    put.run(day, slice, usableFigure, Buffer.of(isExact ? 1 : 0));
    for (const [figure, column] of columns.entries()) {
      const end = ends[figure] ?? 0;
      if (isExact && end > 0) put.run(day, slice, figure, Buffer.from(column.buffer, 0, end * 8));
    }
  }

  return (now) => {
    const newest = floorTo(now - afterMs, dayMs) / dayMs - 1;
    const oldest = newest - packedDays + 1;
    dropOldPacks.run(oldest);
    dropOldStale.run(oldest);
    const slices = Math.floor((highest.get() ?? -1) / packIdentities) + 1;
    for (let day = newest; day >= oldest; day -= 1) {
      for (let slice = 0; slice < slices; slice += 1) {
        if (!isWanted(day, slice)) continue;
        pack(day, slice);
        return true;
      }
    }
    return false;
  };
}
