import type { TrafficCoverage } from '../../agent/core/store.ts';
import { createCoverageMaker } from './coverage-maker.ts';
import type { CoverageMaker } from './coverage-maker.ts';
import type { Coverage } from './coverage.ts';
import type { Db } from './database.ts';
import type { Registry } from './registry.ts';

interface TrafficCoverageParts {
  readonly db: Db;
  readonly registry: () => Registry;
  readonly coverage: () => Coverage;
  /** Another one whenever targets were listed. */
  readonly listings: () => number;
}

type ByTraffic = ReadonlyMap<number, TrafficCoverage>;

/** Lists of spans that what is made again was made of, dead ones included; each some kilobytes. */
const mostLists = 2_000;

/**
 * Where each traffic was looked at; the same map until anything is read or listed. Then what was not read since is what it was,
 * the same object.
 */
export function openTrafficCoverage(
  parts: TrafficCoverageParts,
): (periodSeconds: number) => ByTraffic {
  const { db } = parts;
  const active = db.prepare('SELECT id FROM unit WHERE active = 1').pluck();
  const makers = new Map<number, CoverageMaker>();
  const kept = new Map<number, ByTraffic>();
  let of: readonly unknown[] = [];
  let version: unknown;
  return (periodSeconds) => {
    const [registry, coverage] = [parts.registry(), parts.coverage()];
    const now = [registry, registry.version, coverage, parts.listings()];
    if (now.some((one, index) => one !== of[index])) {
      makers.clear();
      kept.clear();
    }
    if (version !== coverage.version) kept.clear();
    of = now;
    version = coverage.version;
    const known = kept.get(periodSeconds);
    if (known !== undefined) return known;
    const before = makers.get(periodSeconds);
    const maker =
      before !== undefined && before.lists() <= mostLists
        ? before
        : createCoverageMaker(
            [...registry.traffics()],
            coverage,
            new Set(active.all() as number[]),
            periodSeconds,
          );
    const made = maker.make();
    // What another process writes is not seen here before it is read.
    if (!db.readonly) {
      makers.set(periodSeconds, maker);
      kept.set(periodSeconds, made);
    }
    return made;
  };
}
