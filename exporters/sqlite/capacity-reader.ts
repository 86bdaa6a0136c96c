import type {
  CapacityCostRow,
  CapacityIdentity,
  CapacityQuery,
  CapacityReader,
  CapacityUseRow,
} from '../../agent/core/capacity.ts';
import { ppmOfWhole } from '../../agent/core/money.ts';
import { minuteMs } from '../../agent/core/time.ts';
import type { Interpretation } from '../../agent/core/usage.ts';
import type { Db } from './database.ts';
import { heldCapacity } from './held-capacity.ts';
import type { HeldCapacity } from './held-capacity.ts';

const minutesOfHour = 60;

export function createCapacityReader(db: Db, interpretation: Interpretation): CapacityReader {
  const charged = db.prepare('SELECT 1 FROM capacity_hour LIMIT 1').pluck();
  // Where nothing is provisioned it is not looked for under thousands of names.
  const isCharged = () => charged.get() !== undefined;
  const spans = db.prepare<[], ChargedSpan>(chargedSpans);
  return {
    capacities: () => Promise.resolve(readCapacities(db, interpretation, spans.all())),
    capacityCosts: (query) => Promise.resolve(isCharged() ? readCosts(db, query) : []),
    capacityUse: (query) => Promise.resolve(isCharged() ? readUse(db, query) : []),
  };
}

interface ChargedSpan {
  readonly id: number;
  readonly first: number;
  readonly last: number;
}

/** From one to the next by the key: there are thousands of hours of each. */
const chargedSpans = `
  WITH RECURSIVE one (id) AS (
    SELECT min(inventory_id) FROM capacity_hour
    UNION ALL
    SELECT (SELECT min(inventory_id) FROM capacity_hour WHERE inventory_id > one.id) FROM one WHERE one.id IS NOT NULL
  )
  SELECT id,
    (SELECT from_minute FROM capacity_hour WHERE inventory_id = one.id ORDER BY minute LIMIT 1) AS first,
    (SELECT to_minute FROM capacity_hour WHERE inventory_id = one.id ORDER BY minute DESC LIMIT 1) AS last
  FROM one WHERE id IS NOT NULL`;

function readCapacities(
  db: Db,
  interpretation: Interpretation,
  charged: readonly ChargedSpan[],
): readonly CapacityIdentity[] {
  if (charged.length === 0) return [];
  const spans = new Map(charged.map((one) => [one.id, one]));
  const nameOf = openMeteredName(db);
  return heldCapacity(db, interpretation).flatMap((held): CapacityIdentity[] => {
    const span = spans.get(held.id);
    if (span === undefined) return [];
    const { cloud, account, region, resource, endpoint } = held.key;
    return [
      {
        ...held.identity,
        id: -held.id,
        trafficId: 0,
        from: span.first * minuteMs,
        to: span.last * minuteMs,
        assumed: held.assumed && span.first * minuteMs < held.from,
        cloud,
        account,
        region,
        resource,
        endpoint,
        deployment: nameOf(held),
        reports: new Set<never>(),
        sku: held.sku,
        units: held.units,
      },
    ];
  });
}

/**
 * The deployment's name as its meters write it, so that used and idle are of one name; the inventory's where they have none, as
 * Bedrock's, which write an id.
 */
function openMeteredName(db: Db): (held: HeldCapacity) => string {
  const find = db
    .prepare<[object], string>(
      `SELECT deployment FROM traffic WHERE cloud = @cloud AND account = @account AND region = @region
       AND resource = @resource AND endpoint = @endpoint AND deployment = @deployment COLLATE NOCASE ORDER BY id LIMIT 1`,
    )
    .pluck();
  return ({ key, identity }) => find.get(key) || identity.deployment;
}

/** Figures of an hour that are spread evenly over the minutes it was charged for. */
type Figures = readonly (bigint | null)[];

interface SpreadRow {
  readonly id: number;
  readonly minute: number;
  readonly from: number;
  readonly to: number;
  readonly figures: Figures;
}

const costFigures = ['cost_low', 'cost - cost_low', 'cost_high - cost'] as const;

function readCosts(db: Db, query: CapacityQuery): readonly CapacityCostRow[] {
  const figures = costFigures.map((one) =>
    one.replaceAll(/cost\w*/g, (name) => `capacity_share.${name}`),
  );
  const sums = sumsOf(db, query, {
    id: 'identity_id',
    from: 'capacity_share JOIN capacity_hour USING (inventory_id, minute)',
    ids: query.identityIds,
    figures,
  });
  return sums.map(({ id, bucket, figures: [low, mid, top] }) => ({
    identityId: id,
    bucket,
    ...costsOf(low, mid, top),
  }));
}

function readUse(db: Db, query: CapacityQuery): readonly CapacityUseRow[] {
  const metered = 'CASE WHEN utilization_ppm IS NULL THEN 0 ELSE unit_ms END';
  const used = `CASE WHEN utilization_ppm IS NULL THEN 0 ELSE unit_ms * utilization_ppm / ${ppmOfWhole} END`;
  const sums = sumsOf(db, query, {
    id: 'inventory_id',
    from: 'capacity_hour',
    ids: query.identityIds.filter((id) => id < 0).map((id) => -id),
    figures: [...costFigures, 'unit_ms', metered, used],
  });
  return sums.map(({ id, bucket, figures: [low, mid, top, unitMs, meteredMs, usedMs] }) => ({
    identityId: -id,
    bucket,
    unitMs: Number(unitMs ?? 0n),
    meteredUnitMs: Number(meteredMs ?? 0n),
    usedUnitMs: Number(usedMs ?? 0n),
    ...costsOf(low, mid, top),
  }));
}

/** Low, and what best and high are more, so that they stay in order however the hour is cut. */
function costsOf(
  low: bigint | null | undefined,
  mid: bigint | null | undefined,
  top: bigint | null | undefined,
) {
  const costLow = low ?? null;
  const cost = costLow === null ? null : costLow + (mid ?? 0n);
  return { cost, costLow, costHigh: cost === null ? null : cost + (top ?? 0n), unpricedTokens: 0 };
}

interface SpreadSource {
  readonly id: string;
  readonly from: string;
  readonly ids: readonly number[];
  readonly figures: readonly string[];
}

interface Sum {
  readonly id: number;
  readonly bucket: number;
  readonly figures: Figures;
}

/** By id and bucket: hours that lie in one bucket whole are added by the database, the rest are cut minute by minute. */
function sumsOf(db: Db, query: CapacityQuery, source: SpreadSource): readonly Sum[] {
  if (source.ids.length === 0) return [];
  const start = query.window.start / minuteMs;
  const end = query.window.end / minuteMs;
  const step = query.bucketMs / minuteMs;
  const bucketOf = (minute: number) => (step === 0 ? start : Math.floor(minute / step) * step);
  const isWhole = step % minutesOfHour === 0;
  const wholeFrom = isWhole ? Math.ceil(start / minutesOfHour) * minutesOfHour : end;
  const wholeTo = isWhole ? Math.floor(end / minutesOfHour) * minutesOfHour : end;
  const sums = new Map<string, { id: number; bucket: number; figures: (bigint | null)[] }>();

  function add(id: number, bucket: number, figures: Figures): void {
    const name = `${id} ${bucket}`;
    const known = sums.get(name);
    if (known === undefined) sums.set(name, { id, bucket, figures: [...figures] });
    else known.figures = known.figures.map((sum, i) => plus(sum, figures[i] ?? null));
  }

  const named = source.figures.map((figure, i) => `${figure} AS figure${i}`).join(', ');
  const added = source.figures.map((figure, i) => `sum(${figure}) AS figure${i}`).join(', ');
  const bucket = step === 0 ? String(start) : `minute / ${step} * ${step}`;
  const ids = JSON.stringify(source.ids);
  const where = `${source.id} IN (SELECT value FROM json_each(?)) AND minute >= ? AND minute < ?`;
  if (wholeFrom < wholeTo) {
    const rows = db
      .prepare<[string, number, number], Record<string, bigint | null>>(
        `SELECT ${source.id} AS id, ${bucket} AS bucket, ${added} FROM ${source.from} WHERE ${where} GROUP BY 1, 2`,
      )
      .safeIntegers(true)
      .all(ids, wholeFrom, wholeTo);
    for (const row of rows) add(Number(row['id']), Number(row['bucket']), figuresOf(row, source));
  }
  const cut = db
    .prepare<[string, number, number], Record<string, bigint | null>>(
      `SELECT ${source.id} AS id, minute, from_minute, to_minute, ${named} FROM ${source.from} WHERE ${where}`,
    )
    .safeIntegers(true);
  const edges =
    wholeFrom < wholeTo
      ? [[start, wholeFrom] as const, [wholeTo, end] as const]
      : [[start, end] as const];
  for (const [from, to] of edges) {
    if (from >= to) continue;
    const hour = Math.floor(from / minutesOfHour) * minutesOfHour;
    for (const row of cut.all(ids, hour, to)) {
      const spread = spreadRow(row, source);
      for (let at = Math.max(from, spread.from); at < Math.min(to, spread.to);) {
        const next = step === 0 ? to : bucketOf(at) + step;
        const until = Math.min(next, to, spread.to);
        add(spread.id, bucketOf(at), partOf(spread, at, until));
        at = until;
      }
    }
  }
  return [...sums.values()].map((sum) => ({ ...sum, bucket: sum.bucket * minuteMs }));
}

function spreadRow(row: Record<string, bigint | null>, source: SpreadSource): SpreadRow {
  return {
    id: Number(row['id']),
    minute: Number(row['minute']),
    from: Number(row['from_minute']),
    to: Number(row['to_minute']),
    figures: figuresOf(row, source),
  };
}

function figuresOf(row: Record<string, bigint | null>, { figures }: SpreadSource): Figures {
  return figures.map((_, i) => row[`figure${i}`] ?? null);
}

/** What falls on some minutes of an hour: parts that lie side by side add up to the whole, to the nano-dollar. */
function partOf({ from, to, figures }: SpreadRow, start: number, end: number): Figures {
  const minutes = BigInt(to - from);
  const upTo = (figure: bigint, minute: number) => (figure * BigInt(minute - from)) / minutes;
  return figures.map((one) => (one === null ? null : upTo(one, end) - upTo(one, start)));
}

function plus(a: bigint | null, b: bigint | null): bigint | null {
  return a === null || b === null ? (a ?? b) : a + b;
}
