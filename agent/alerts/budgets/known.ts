import type { IdentityRow, TrafficCoverage } from '../../core/store.ts';
import { dayMs } from '../../core/time.ts';
import type { Instant, Window } from '../../core/time.ts';
import type { Amounts } from '../../core/usage.ts';
import { coveredMs, intersectAll } from '../../core/window.ts';
import type { Sight } from './blind.ts';
import type { Classes } from './classes.ts';

/** What is known of one class over a span up to now. Milliseconds are added up over its traffics. */
interface ClassKnowledge {
  readonly expectedMs: number;
  readonly coveredMs: number;
  readonly settledMs: number;
  /** The share of its time that the least known of its traffics has; 1 where nothing is expected. */
  readonly least: number;
  /** Up to here all of it was read of which more is to come; null where nothing was. */
  readonly until: Instant | null;
  /** Up to here any of it was read, be it over since; null where nothing was. */
  readonly newest: Instant | null;
  /** Some traffic was not read for long and should have been. */
  readonly isBlind: boolean;
}

export interface Knowledge {
  over(span: Window): readonly ClassKnowledge[];
  /** For each class and whole UTC day: 1 where all of it is read and settled. */
  settledDays(days: Window): Uint8Array;
}

type Spans = readonly Window[];

const tokenAmounts: readonly (keyof Amounts)[] = [
  'input',
  'cacheRead',
  'cacheWrite',
  'output',
  'unsplitInput',
];

/** What of an identity decides what is known of it: most identities are alike in it. */
interface Kind {
  readonly read: Spans;
  readonly settled: Spans;
  readonly from: Instant;
  readonly to: Instant;
  /** How late it may be; undefined: nobody looks there any more. */
  readonly patienceMs: number | undefined;
}

export function knowledgeOf(
  classes: Classes,
  byTraffic: ReadonlyMap<number, TrafficCoverage>,
  sight: Sight,
  now: Instant,
): Knowledge {
  const { kinds, ofClass } = knownKinds(classes, byTraffic, sight);
  return {
    over(span) {
      const ofKind = kinds.map((kind) => kindOver(kind, span, now));
      return ofClass.map((counts) => {
        let whole = nothing;
        for (const [kind, count] of counts) {
          const one = ofKind[kind];
          if (one !== undefined) whole = plus(whole, one, count);
        }
        return whole;
      });
    },
    settledDays(days) {
      const count = (days.end - days.start) / dayMs;
      const ofKind = kinds.map((kind) => kindDays(kind, days, now));
      const all = new Uint8Array(classes.count * count).fill(1);
      for (const [one, counts] of ofClass.entries()) {
        for (const kind of counts.keys()) {
          const known = ofKind[kind];
          for (let day = 0; day < count; day += 1)
            if (known?.[day] === 0) all[one * count + day] = 0;
        }
      }
      return all;
    },
  };
}

const nothing: ClassKnowledge = {
  expectedMs: 0,
  coveredMs: 0,
  settledMs: 0,
  least: 1,
  until: null,
  newest: null,
  isBlind: false,
};

/** The kinds there are, and how many identities of each kind a class has. */
interface Kinds {
  readonly kinds: readonly Kind[];
  readonly ofClass: readonly ReadonlyMap<number, number>[];
}

interface LastKinds extends Kinds {
  readonly byTraffic: ReadonlyMap<number, TrafficCoverage>;
  readonly patience: string;
}

/** Of the same classes, and forgotten with them: coverage and patience stay the same until something is read or listed. */
const lastKinds = new WeakMap<Classes, LastKinds>();

function knownKinds(
  classes: Classes,
  byTraffic: ReadonlyMap<number, TrafficCoverage>,
  sight: Sight,
): Kinds {
  const last = lastKinds.get(classes);
  const { patience } = sight;
  if (last?.byTraffic === byTraffic && last.patience === patience) return last;
  const made = { ...kindsOf(classes, byTraffic, sight), byTraffic, patience };
  lastKinds.set(classes, made);
  return made;
}

function kindsOf(
  classes: Classes,
  byTraffic: ReadonlyMap<number, TrafficCoverage>,
  sight: Sight,
): Kinds {
  const none: Spans = [];
  const readBy = memo((coverage: TrafficCoverage) =>
    memo((reports: IdentityRow['reports']) => {
      const lists = new Set(
        tokenAmounts.filter((name) => reports.has(name)).map((name) => coverage.covered[name]),
      );
      return [...lists].reduce((all, list) => joint(all)(list));
    }),
  );
  const joint = memo((spans: Spans) => memo((other: Spans) => intersectAll(spans, other)));
  const numbers = new Map<Spans, number>();
  const numberOf = (spans: Spans) => {
    const known = numbers.get(spans) ?? numbers.size;
    numbers.set(spans, known);
    return known;
  };
  const kinds: Kind[] = [];
  const known = new Map<string, number>();
  const kindOf = (identity: IdentityRow): number | undefined => {
    const { from, to, reports } = identity;
    if (!tokenAmounts.some((name) => reports.has(name))) return undefined;
    const coverage = byTraffic.get(identity.trafficId);
    const read = coverage === undefined ? none : readBy(coverage)(reports);
    const settled = coverage?.settled ?? none;
    const patienceMs = sight.patienceMs(identity);
    const key = `${numberOf(read)} ${numberOf(settled)} ${from} ${to} ${patienceMs}`;
    const found = known.get(key) ?? kinds.length;
    if (found === kinds.length) kinds.push({ read, settled, from, to, patienceMs });
    known.set(key, found);
    return found;
  };
  const ofPlace = classes.identities.map(kindOf);
  const ofClass = classes.members.map((members) => {
    const counts = new Map<number, number>();
    for (const place of members) {
      const kind = ofPlace[place];
      if (kind !== undefined) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    return counts;
  });
  return { kinds, ofClass };
}

function kindOver(kind: Kind, span: Window, now: Instant): ClassKnowledge {
  const { from, to, patienceMs } = kind;
  if (to <= span.start || from >= Math.max(span.end, span.start + 1)) return nothing;
  const newest = kind.read.at(-1)?.end;
  const last = Math.min(span.end, to);
  const end = Math.min(newest ?? span.start, last);
  const isBlind = patienceMs !== undefined && to >= span.end && span.end - end > patienceMs;
  const isLive = patienceMs !== undefined && to >= now && !isBlind;
  // Late is not missing, and what nobody looks at any more is over.
  const expected = { start: Math.max(span.start, from), end: isBlind ? last : end };
  const whole = Math.max(expected.end - expected.start, 0);
  const covered = whole === 0 ? 0 : coveredMs(expected, kind.read);
  return {
    expectedMs: whole,
    coveredMs: covered,
    settledMs: whole === 0 ? 0 : Math.min(coveredMs(expected, kind.settled), covered),
    least: whole === 0 ? 1 : covered / whole,
    until: newest !== undefined && isLive ? end : null,
    newest: newest === undefined ? null : end,
    isBlind,
  };
}

function plus(a: ClassKnowledge, b: ClassKnowledge, count: number): ClassKnowledge {
  return {
    expectedMs: a.expectedMs + b.expectedMs * count,
    coveredMs: a.coveredMs + b.coveredMs * count,
    settledMs: a.settledMs + b.settledMs * count,
    least: Math.min(a.least, b.least),
    until: a.until === null || b.until === null ? (a.until ?? b.until) : Math.min(a.until, b.until),
    newest:
      a.newest === null || b.newest === null
        ? (a.newest ?? b.newest)
        : Math.max(a.newest, b.newest),
    isBlind: a.isBlind || b.isBlind,
  };
}

/** 1 for each day that is read and settled whole, or on which the kind was not there. */
function kindDays({ read, settled, from, to, patienceMs }: Kind, days: Window, now: Instant) {
  const known = daysWithin(read, days);
  const firm = daysWithin(settled, days);
  const over = patienceMs === undefined ? (read.at(-1)?.end ?? now) : to;
  const end = Math.min(over, to);
  return known.map((isKnown, day) => {
    const start = days.start + day * dayMs;
    const isThere = start + dayMs > from && start + dayMs <= end;
    return isThere && (isKnown !== 1 || firm[day] !== 1) ? 0 : 1;
  });
}

/** Days that spans hold whole. */
function daysWithin(spans: Spans, days: Window): Uint8Array {
  const flags = new Uint8Array((days.end - days.start) / dayMs);
  for (const span of spans) {
    const first = Math.max(Math.ceil((span.start - days.start) / dayMs), 0);
    const last = Math.min(Math.floor((span.end - days.start) / dayMs), flags.length);
    if (first < last) flags.fill(1, first, last);
  }
  return flags;
}

function memo<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const known = new WeakMap<Key, Value>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const value = make(key);
    known.set(key, value);
    return value;
  };
}
