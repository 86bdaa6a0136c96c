import type {
  FeedLedger,
  FeedOptions,
  SettledFeed,
  SettledPage,
  ToldTotal,
} from '../../agent/core/exporter.ts';
import type { Instant } from '../../agent/core/time.ts';
import { ceilTo, minuteMs } from '../../agent/core/time.ts';
import { subtract } from '../../agent/core/window.ts';
import type { Db } from './database.ts';
import type { FeedAgeing } from './feed-ageing.ts';
import { createLedgerNow, newestRevision } from './feed-corrections.ts';
import type { CorrectionParts } from './feed-corrections.ts';
import { gather, sumsByName } from './feed-page.ts';
import type { Gathered, GatherParts, Work } from './feed-page.ts';
import { readSettled, untoldOf } from './feed-settled.ts';

export interface FeedParts extends CorrectionParts, GatherParts {
  readonly ageing: Pick<FeedAgeing, 'generation'>;
}

interface FeedRecord {
  readonly id: number;
  readonly since_minute: number;
}

/**
 * The feeds of a ledger. What was told is in the file; in memory is only what can be found again: the work that is left
 * since the last look, and sums of what the ledger holds.
 * @param parts as they are at the time: they are made anew after a transaction that failed
 * @param atomically one transaction
 */
export function openFeeds(
  db: Db,
  parts: () => FeedParts,
  atomically: <T>(work: () => T) => T,
): Pick<FeedLedger, 'openFeed'> {
  return {
    openFeed: (name, at, options = {}) => openFeed(db, parts, atomically, name, at, options),
  };
}

function openFeed(
  db: Db,
  parts: () => FeedParts,
  atomically: <T>(work: () => T) => T,
  name: string,
  at: Instant,
  { replayFrom = at, latencies: tellsLatencies = true }: FeedOptions,
): SettledFeed {
  const from = ceilTo(replayFrom, minuteMs);
  const { id: feedId, since_minute } = atomically(() => {
    db.prepare('INSERT INTO feed (name, since_minute) VALUES (?, ?) ON CONFLICT DO NOTHING').run(
      name,
      from / minuteMs,
    );
    return db.prepare('SELECT id, since_minute FROM feed WHERE name = ?').get(name) as FeedRecord;
  });
  const since = since_minute * minuteMs;
  const pages = db.prepare<[number], number>('SELECT pages FROM feed WHERE id = ?').pluck();
  const turn = db.prepare('UPDATE feed SET pages = pages + 1 WHERE id = ?');
  const now = createLedgerNow(newestRevision(db));
  let works: readonly Work[] = [];
  let lookedAt: object | undefined;
  let gathered: { readonly page: SettledPage; readonly held: Gathered['held'] } | undefined;

  function look(): readonly Work[] {
    const { registry, told } = parts();
    const settledOf = readSettled(db, since);
    const known = told.all(feedId);
    const found: Work[] = [];
    for (const traffic of registry.traffics()) {
      const settled = settledOf(traffic);
      const untold = untoldOf(settled, known.get(traffic.id)?.told ?? []);
      if (untold.length === 0) continue;
      found.push({ traffic, untold, byMinutes: isSame(settled.minutes, settled.hours) });
    }
    return found;
  }

  function pageOf({ names, points, latencies, spans }: Gathered): SettledPage {
    const { totals } = parts();
    const before = new Map<number, ToldTotal>();
    for (const nameId of names.keys()) {
      const total = totals.of(feedId, nameId);
      if (total !== undefined) before.set(nameId, total);
    }
    return {
      feed: name,
      since,
      number: pages.get(feedId) as number,
      names: [...names.values()],
      points,
      latencies,
      before,
      spans,
      sequence: newestRevision(db),
    };
  }

  return {
    name,
    since,
    next: (limit) =>
      atomically(() => {
        const generation = parts().ageing.generation();
        // What was minutes then may be an hour now.
        if (works.length === 0 || lookedAt !== generation) works = look();
        lookedAt = generation;
        if (works.length === 0) return undefined;
        const found = gather(parts(), works, { limit, latencies: tellsLatencies });
        const page = pageOf(found);
        gathered = { page, held: found.held };
        return page;
      }),
    done(page) {
      const grown = atomically(() => {
        if (pages.get(feedId) !== page.number) return [];
        const { told, totals } = parts();
        for (const [nameId, sums] of sumsByName(page.points)) totals.add(feedId, nameId, sums);
        turn.run(feedId);
        return page.spans.map(({ trafficId, windows }) => {
          const before = told.of(feedId, trafficId);
          told.add(feedId, trafficId, windows);
          return { before, after: told.of(feedId, trafficId) };
        });
      });
      const held = gathered?.page === page ? gathered.held : undefined;
      gathered = undefined;
      works = without(works, page);
      for (const { before, after } of grown) {
        const added = held?.get(after.trafficId);
        now.grew(parts(), before, after, added, page.sequence);
      }
    },
    totals: () => parts().totals.all(feedId),
    corrections: () => atomically(() => now.all(parts(), feedId)),
  };
}

/** The work that is left once a page is done. */
function without(works: readonly Work[], page: SettledPage): readonly Work[] {
  const done = new Map(page.spans.map(({ trafficId, windows }) => [trafficId, windows]));
  return works.flatMap((work) => {
    const windows = done.get(work.traffic.id);
    if (windows === undefined) return [work];
    const untold = work.untold.flatMap((span) =>
      subtract(span, windows).map((rest) => ({ ...rest, grain: span.grain })),
    );
    return untold.length === 0 ? [] : [{ ...work, untold }];
  });
}

function isSame(a: Work['untold'] | readonly { start: number; end: number }[], b: typeof a) {
  return (
    a.length === b.length &&
    a.every(({ start, end }, i) => start === b[i]?.start && end === b[i].end)
  );
}
