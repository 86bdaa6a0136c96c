import { addKnown } from '../../agent/core/money.ts';
import type { CostChange } from '../../agent/core/price-store.ts';
import type { Rater } from '../../agent/core/rating.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import { ceilTo, floorTo, hourMs, minuteMs } from '../../agent/core/time.ts';
import { union } from '../../agent/core/window.ts';
import type { Cards } from './cards.ts';
import type { Db } from './database.ts';
import type { Identities } from './identities.ts';
import { openMeta } from './meta.ts';
import type { KnownTraffic, Registry } from './registry.ts';
import type { Rederive } from './rederive.ts';

export interface RepriceParts {
  readonly db: Db;
  readonly registry: Registry;
  readonly identities: Identities;
  readonly cards: Cards;
  readonly rederive: Rederive;
}

interface Sum {
  readonly cost: bigint | null;
}

/**
 * Rates anew whatever these prices change, a transaction for each traffic; a run that was cut short is taken up at the
 * next start. Returns what it did to costs, by model.
 */
export function reprice(
  { db, registry, identities, cards, rederive }: RepriceParts,
  rater: Rater,
  at: Instant,
): readonly CostChange[] {
  const meta = openMeta(db);
  if (meta.get('rater_version') === rater.version) return [];
  const costOf = db
    .prepare<[number, number, number], Sum>(
      'SELECT sum(cost) AS cost FROM usage_hour WHERE identity_id = ? AND minute >= ? AND minute < ?',
    )
    .safeIntegers(true);
  const changes = new Map<string, CostChange>();

  function sums(traffic: KnownTraffic, windows: readonly Window[]): ReadonlyMap<string, Sum> {
    const found = new Map<string, Sum>();
    for (const { id, model } of identities.all(traffic.id)) {
      for (const { start, end } of windows) {
        const sum = costOf.get(id, start / minuteMs, end / minuteMs);
        found.set(model, { cost: addKnown(found.get(model)?.cost ?? null, sum?.cost ?? null) });
      }
    }
    return found;
  }

  function one(traffic: KnownTraffic): void {
    const windows = identities.all(traffic.id).flatMap((each) => cards.renew(traffic, each));
    if (windows.length === 0) return;
    const hours = union(
      windows.map(({ start, end }) => ({
        start: floorTo(start, hourMs),
        end: ceilTo(end, hourMs),
      })),
    );
    const before = sums(traffic, hours);
    const rows = rederive.rate(traffic.id, windows, at);
    for (const [model, { cost }] of sums(traffic, hours)) {
      const known = changes.get(model);
      changes.set(model, {
        model,
        before: addKnown(known?.before ?? null, before.get(model)?.cost ?? null),
        after: addKnown(known?.after ?? null, cost),
        rows: (known?.rows ?? 0) + rows,
      });
    }
  }

  for (const traffic of registry.traffics()) db.transaction(one)(traffic);
  meta.set('rater_version', rater.version);
  return [...changes.values()];
}
