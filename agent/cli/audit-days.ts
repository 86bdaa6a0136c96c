import { setImmediate } from 'node:timers/promises';
import type { AuditChoice } from '../core/audit.ts';
import type { Price } from '../core/price.ts';
import { dayMs, floorTo } from '../core/time.ts';
import type { Instant, Window } from '../core/time.ts';
import { split } from '../core/window.ts';
import type { Finding } from '../reconcile/finding.ts';
import { reconcile } from '../reconcile/reconcile.ts';
import { summarizeDay } from '../reconcile/summary.ts';
import type { DaySummary } from '../reconcile/summary.ts';
import { auditBook, meteredDays } from './audit-facts.ts';
import type { AuditReader, AuditSettings } from './audit-facts.ts';
import { rememberedReadStates } from './audit-read-states.ts';

/** Days of all spans and choices together that are remembered: some megabytes where there are many models. */
const mostDays = 500;
/** Days whose usage is read together, from where the ledger keeps them together. */
const daysTogether = 8;

/** What was made of the days of a span, and of what. */
interface Held {
  book: number;
  filePrices: readonly Price[];
  readonly days: Map<Instant, { readonly mark: string; readonly summary: DaySummary }>;
  /** Who asks while another does waits, and mostly finds it done. */
  turn: Promise<unknown>;
}

/** The findings of a span day by day, a day with none included; lets other work through between two. */
export async function* findingsByDay(
  reader: AuditReader,
  settings: AuditSettings,
  span: Window,
  wanted: readonly Instant[],
  { keeps }: Pick<AuditChoice, 'keeps'>,
): AsyncGenerator<readonly [day: Instant, findings: readonly Finding[]]> {
  const book = await auditBook(reader, settings, span);
  const billed = byDay(book.billed);
  for (const days of together(wanted)) {
    const [first = 0] = days;
    const window = { start: first, end: (days.at(-1) ?? first) + dayMs };
    const metered = byDay(await meteredDays(reader, book, window));
    for (const day of days) {
      const findings = reconcile({
        ...book.rest,
        billed: billed.get(day) ?? [],
        metered: metered.get(day) ?? [],
      });
      yield [day, findings.filter(keeps)];
      await setImmediate();
    }
  }
}

/** What the audit of whole days comes to, day by day; what did not change since is not made again. */
export function rememberedDays(
  reader: AuditReader,
  settings: AuditSettings,
): (span: Window, choice: AuditChoice) => Promise<readonly DaySummary[]> {
  /** By span, where days have bills, and choice, in the order of their last use. */
  const held = new Map<string, Held>();
  const readStates = rememberedReadStates();

  function trim(): void {
    let days = 0;
    for (const [key, own] of [...held].toReversed()) {
      days += Math.max(own.days.size, 1);
      if (days > mostDays) held.delete(key);
    }
  }

  async function bringUpToDate(own: Held, span: Window, choice: AuditChoice) {
    const { book, usageOf } = reader.auditMarks();
    if (own.book !== book || !isSameList(own.filePrices, settings.filePrices)) own.days.clear();
    own.book = book;
    own.filePrices = settings.filePrices;
    const days = split(span, dayMs).map(({ start }) => start);
    const marks = new Map<Instant, string>();
    const identities = await reader.identities();
    const coverage = await reader.coverageByTraffic(dayMs / 1_000);
    for (const [day, read] of readStates(identities, coverage, span, days)) {
      marks.set(day, `${usageOf(day)} ${read}`);
    }
    const old = days.filter((day) => own.days.get(day)?.mark !== marks.get(day));
    if (old.length > 0) {
      for await (const [day, findings] of findingsByDay(reader, settings, span, old, choice)) {
        own.days.set(day, { mark: marks.get(day) ?? '', summary: summarizeDay(day, findings) });
      }
    }
    const found = days.flatMap((day) => own.days.get(day)?.summary ?? []);
    for (const day of own.days.keys()) {
      if (own.days.size <= mostDays) break;
      if (!marks.has(day)) own.days.delete(day);
    }
    return found;
  }

  /** Which days stand beside a day decides whose bill it is; where no day has one, all spans have the same days. */
  async function isUnbilled(span: Window): Promise<boolean> {
    const [told, lines] = await Promise.all([reader.billedDays(), reader.bills(span)]);
    return told.length === 0 && lines.length === 0;
  }

  return async (span, choice) => {
    const among = (await isUnbilled(span)) ? 'any span' : `${span.start} ${span.end}`;
    const key = `${among} ${choice.name}`;
    const fresh: Held = { book: 0, filePrices: [], days: new Map(), turn: Promise.resolve() };
    const own = held.get(key) ?? fresh;
    held.delete(key);
    held.set(key, own);
    trim();
    const made = own.turn.then(() => bringUpToDate(own, span, choice));
    own.turn = made.catch(() => undefined);
    return made;
  };
}

function isSameList(a: readonly Price[], b: readonly Price[]): boolean {
  return a === b || (a.length === 0 && b.length === 0);
}

/** Consecutive days that lie in one of the ledger's pieces. */
function together(days: readonly Instant[]): readonly (readonly Instant[])[] {
  const runs: Instant[][] = [];
  for (const day of days) {
    const last = runs.at(-1);
    const before = last?.at(-1);
    const isNext = before === day - dayMs && pieceOf(before) === pieceOf(day);
    if (last !== undefined && isNext) last.push(day);
    else runs.push([day]);
  }
  return runs;
}

function pieceOf(day: Instant): Instant {
  return floorTo(day, daysTogether * dayMs);
}

function byDay<One extends { readonly day: Instant }>(
  all: readonly One[],
): ReadonlyMap<Instant, readonly One[]> {
  const days = new Map<Instant, One[]>();
  for (const one of all) {
    const own = days.get(one.day);
    if (own === undefined) days.set(one.day, [one]);
    else own.push(one);
  }
  return days;
}
