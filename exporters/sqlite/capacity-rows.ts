import { ppmOfWhole } from '../../agent/core/money.ts';
import type { Consumer, RateRange, Rater } from '../../agent/core/rating.ts';
import type { Db } from './database.ts';

/** One hour of one capacity, as it is kept. Minutes since the epoch; null cost: its hours have no price. */
export interface StoredCapacityHour {
  readonly minute: number;
  readonly fromMinute: number;
  readonly toMinute: number;
  readonly unitMs: number;
  readonly utilizationPpm: number | null;
  readonly cost: RateRange | null;
}

/** Hours of capacity and how they are spread over who used them. */
export interface CapacityRows {
  /** Oldest first. */
  hours(inventoryId: number): readonly StoredCapacityHour[];
  hour(inventoryId: number, minute: number): StoredCapacityHour | undefined;
  /** The first and the last; both are the same where there is one. */
  ends(inventoryId: number): readonly [StoredCapacityHour, StoredCapacityHour] | undefined;
  /** Users by identity id, as they were counted when the hour was spread last. */
  consumers(inventoryId: number, minute: number): readonly Consumer[];
  /** Puts the hour and its spread in the place of what was there; the spread adds up to the hour's cost. */
  put(
    inventoryId: number,
    hour: StoredCapacityHour,
    consumers: readonly Consumer[],
    rater: Pick<Rater, 'sharesOf'>,
  ): void;
  /** Forgets all of a capacity. */
  drop(inventoryId: number): void;
  inventoryIds(): readonly number[];
}

interface HourRecord {
  readonly minute: bigint;
  readonly from_minute: bigint;
  readonly to_minute: bigint;
  readonly unit_ms: bigint;
  readonly utilization_ppm: bigint | null;
  readonly cost: bigint | null;
  readonly cost_low: bigint | null;
  readonly cost_high: bigint | null;
}

export function openCapacityRows(db: Db): CapacityRows {
  const ofOne = db
    .prepare<[number], HourRecord>(
      'SELECT * FROM capacity_hour WHERE inventory_id = ? ORDER BY minute',
    )
    .safeIntegers(true);
  const atMinute = db
    .prepare<[number, number], HourRecord>(
      'SELECT * FROM capacity_hour WHERE inventory_id = ? AND minute = ?',
    )
    .safeIntegers(true);
  const [first, last] = (['ASC', 'DESC'] as const).map((order) =>
    db
      .prepare<[number], HourRecord>(
        `SELECT * FROM capacity_hour WHERE inventory_id = ? ORDER BY minute ${order} LIMIT 1`,
      )
      .safeIntegers(true),
  );
  const users = db.prepare<[number, number], { readonly id: number; readonly tokens: number }>(
    `SELECT identity_id AS id, tokens FROM capacity_share
     WHERE inventory_id = ? AND minute = ? AND identity_id > 0 ORDER BY identity_id`,
  );
  const putHour = db.prepare(
    'INSERT OR REPLACE INTO capacity_hour VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const putShare = db.prepare('INSERT INTO capacity_share VALUES (?, ?, ?, ?, ?, ?, ?)');
  const dropShares = db.prepare('DELETE FROM capacity_share WHERE inventory_id = ? AND minute = ?');
  const dropAllShares = db.prepare('DELETE FROM capacity_share WHERE inventory_id = ?');
  const dropHours = db.prepare('DELETE FROM capacity_hour WHERE inventory_id = ?');
  const ids = db.prepare('SELECT DISTINCT inventory_id FROM capacity_hour').pluck();

  return {
    hours: (id) => ofOne.all(id).map(hourFrom),
    hour(id, minute) {
      const found = atMinute.get(id, minute);
      return found && hourFrom(found);
    },
    ends(id) {
      const [from, to] = [first?.get(id), last?.get(id)];
      return from && to && [hourFrom(from), hourFrom(to)];
    },
    consumers: (id, minute) =>
      users.all(id, minute).map(({ id: user, tokens }) => ({ name: String(user), tokens })),
    put(id, hour, consumers, rater) {
      const { minute, fromMinute, toMinute, unitMs, utilizationPpm, cost } = hour;
      putHour.run(
        id,
        minute,
        fromMinute,
        toMinute,
        unitMs,
        utilizationPpm,
        cost?.best ?? null,
        cost?.low ?? null,
        cost?.high ?? null,
      );
      dropShares.run(id, minute);
      const tokens = new Map(consumers.map((one) => [one.name, one.tokens]));
      if (cost === null) {
        for (const { name } of consumers) {
          putShare.run(Number(name), minute, id, tokens.get(name) ?? 0, null, null, null);
        }
        return;
      }
      for (const [name, part] of spread(cost, consumers, utilizationPpm, rater)) {
        const identity = name === null ? -id : Number(name);
        const own = name === null ? 0 : (tokens.get(name) ?? 0);
        putShare.run(identity, minute, id, own, part.best, part.low, part.high);
      }
    },
    drop(id) {
      dropAllShares.run(id);
      dropHours.run(id);
    },
    inventoryIds: () => ids.all() as number[],
  };
}

/**
 * Each part of the range is spread by itself: the parts are not negative, so in every line low, best and high stay in order,
 * and each adds up to the whole's.
 */
function spread(
  { low, best, high }: RateRange,
  consumers: readonly Consumer[],
  utilizationPpm: number | null,
  { sharesOf }: Pick<Rater, 'sharesOf'>,
): ReadonlyMap<string | null, RateRange> {
  const utilization = utilizationPpm === null ? null : utilizationPpm / ppmOfWhole;
  const [lows, mids, tops] = [low, best - low, high - best].map((part) =>
    sharesOf(part, consumers, utilization),
  );
  return new Map(
    (lows ?? []).map(({ name, cost }, index) => {
      const middle = cost + (mids?.[index]?.cost ?? 0n);
      return [name, { low: cost, best: middle, high: middle + (tops?.[index]?.cost ?? 0n) }];
    }),
  );
}

function hourFrom(row: HourRecord): StoredCapacityHour {
  const { cost, cost_low: low, cost_high: high } = row;
  return {
    minute: Number(row.minute),
    fromMinute: Number(row.from_minute),
    toMinute: Number(row.to_minute),
    unitMs: Number(row.unit_ms),
    utilizationPpm: row.utilization_ppm === null ? null : Number(row.utilization_ppm),
    cost: cost === null ? null : { low: low ?? cost, best: cost, high: high ?? cost },
  };
}
