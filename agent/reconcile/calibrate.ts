import type { AuditClass } from '../core/audit.ts';
import type { Calibration, CalibrationSubject, LearntShares } from '../core/calibration.ts';
import { ppmOfWhole } from '../core/money.ts';
import { tokenItems } from '../core/price.ts';
import type { TokenItem } from '../core/price.ts';
import { dayMs } from '../core/time.ts';
import type { Instant } from '../core/time.ts';
import { billedMeters, isTokens } from './billed-meters.ts';
import type { BilledMeter } from './billed-meters.ts';
import type { Finding } from './finding.ts';
import type { MeteredDay, ReconcileInput } from './inputs.ts';
import { longLesson, positionLesson, unsplitLesson } from './lessons.ts';
import type { TaughtDay } from './lessons.ts';
import { reconcile } from './reconcile.ts';
import { fewestDays, trimmedPpm } from './trimmed.ts';
import type { Observed } from './trimmed.ts';

/** The newest final days that teach: what is longer ago says little of today. */
const mostDays = 30;

/** A bill may become final when its month is closed, so days are looked for this far back. */
export const learningDays = 65;

/** Closer than this, in millionths, what is learnt confirms what is known. */
const sameWithinPpm = 1_000;

/** A day teaches where all of a model's meters and bill lines agree. */
const teaching: ReadonlySet<AuditClass> = new Set<AuditClass>(['in_line', 'allocated']);

/**
 * What bills teach of what meters do not show, by account and model, from metered quantities and list prices alone: nothing
 * that was calibrated goes into it. A day on which any token meter of the model is not final or has a drift teaches nothing.
 *
 * Returns what is new: a calibration that holds from the end of the newest day that taught it, or the newest known one with
 * the days that confirm it. The same input and what was returned for it gives nothing more.
 *
 * @param known of earlier learning
 */
export function learnCalibrations(
  input: ReconcileInput,
  known: readonly Calibration[],
  now: Instant,
): readonly Calibration[] {
  return subjectsOf(input).flatMap(({ subject, days }) => {
    const newest = days.toSorted((a, b) => b.day - a.day).slice(0, mostDays);
    const [last] = newest;
    const first = newest.at(-1);
    if (last === undefined || first === undefined || newest.length < fewestDays) return [];
    const shares = sharesOf(newest);
    if (shares === undefined) return [];
    const learntFrom = { start: first.day, end: last.day + dayMs };
    const learnt: Calibration = {
      ...subject,
      ...shares,
      from: learntFrom.end,
      learntFrom,
      days: newest.length,
      learntAt: now,
    };
    return whatIsNew(latestOf(known, subject), learnt);
  });
}

interface SubjectDays {
  readonly subject: CalibrationSubject;
  readonly days: (TaughtDay & { readonly day: Instant })[];
}

interface ModelDay {
  readonly day: Instant;
  readonly meters: BilledMeter[];
  readonly metered: MeteredDay[];
}

/** Model-days that teach, by subject. */
function subjectsOf(input: ReconcileInput): readonly SubjectDays[] {
  const days = new Map<string, ModelDay>();
  const at = (one: CalibrationSubject & { readonly day: Instant }) => {
    const key = dayKey(one);
    const found = days.get(key) ?? { day: one.day, meters: [], metered: [] };
    days.set(key, found);
    return found;
  };
  for (const meter of billedMeters(input.billed, input.currencies)) {
    const { day, cloud, account, meaning, recordType } = meter;
    if (recordType !== 'usage' || !isTokens(meaning)) continue;
    at({ day, cloud, account, model: meaning.model }).meters.push(meter);
  }
  for (const one of input.metered) if (one.tier !== 'provisioned') at(one).metered.push(one);
  const subjects = new Map<string, SubjectDays>();
  for (const [subject, key] of taughtBy(reconcile(input))) {
    const day = days.get(key);
    if (day === undefined || day.meters.length * day.metered.length === 0) continue;
    const name = subjectName(subject);
    const own = subjects.get(name);
    if (own === undefined) subjects.set(name, { subject, days: [day] });
    else own.days.push(day);
  }
  return [...subjects.values()];
}

/** Model-days of which every finding on tokens is in line. */
function taughtBy(
  findings: readonly Finding[],
): readonly (readonly [CalibrationSubject, string])[] {
  const found = new Map<string, { subject: CalibrationSubject; teaches: boolean }>();
  for (const finding of findings) {
    const { cloud, account, model, item, recordType } = finding;
    if (item === null || item === 'unit_hour' || (recordType ?? 'usage') !== 'usage') continue;
    const key = dayKey(finding);
    const teaches = teaching.has(finding.class) && (found.get(key)?.teaches ?? true);
    found.set(key, { subject: { cloud, account, model }, teaches });
  }
  return [...found].flatMap(([key, { subject, teaches }]) => (teaches ? [[subject, key]] : []));
}

/** Undefined where bills taught nothing that was not known. */
function sharesOf(days: readonly TaughtDay[]): LearntShares | undefined {
  const unsplit = unsplitOf(days);
  const positions: Partial<Record<TokenItem, number>> = {};
  for (const item of tokenItems) {
    const position = trimmedPpm(days.flatMap((day) => told(positionLesson(day, item))));
    if (position !== undefined) positions[item] = position;
  }
  const inBand: LearntShares = { ...(unsplit === undefined ? {} : { unsplit }), positions };
  const longPpm = trimmedPpm(days.flatMap((day) => told(longLesson(day, inBand))));
  if (unsplit === undefined && longPpm === undefined && Object.keys(positions).length === 0) {
    return undefined;
  }
  return { ...inBand, ...(longPpm === undefined ? {} : { longPpm }) };
}

function unsplitOf(days: readonly TaughtDay[]): LearntShares['unsplit'] {
  const lessons = days.flatMap((day) => unsplitLesson(day) ?? []);
  const readPpm = trimmedPpm(lessons.map(({ read }) => read));
  const writePpm = trimmedPpm(lessons.map(({ write }) => write));
  if (readPpm === undefined || writePpm === undefined) return undefined;
  // Each is a mean over days of its own.
  return { readPpm, writePpm: Math.min(writePpm, ppmOfWhole - readPpm) };
}

function told(lesson: Observed | undefined): readonly Observed[] {
  return lesson === undefined ? [] : [lesson];
}

function whatIsNew(latest: Calibration | undefined, learnt: Calibration): readonly Calibration[] {
  if (latest === undefined) return [learnt];
  // Days that taught it are no longer what they were; another day has to come that says so.
  if (learnt.learntFrom.end < latest.learntFrom.end) return [];
  if (!isNear(latest, learnt)) return [learnt];
  const { learntFrom, days, learntAt } = learnt;
  const isKnown =
    latest.days === days &&
    latest.learntFrom.start === learntFrom.start &&
    latest.learntFrom.end === learntFrom.end;
  return isKnown ? [] : [{ ...latest, learntFrom, days, learntAt }];
}

function isNear(a: LearntShares, b: LearntShares): boolean {
  return (
    isClose(a.unsplit?.readPpm, b.unsplit?.readPpm) &&
    isClose(a.unsplit?.writePpm, b.unsplit?.writePpm) &&
    isClose(a.longPpm, b.longPpm) &&
    tokenItems.every((item) => isClose(a.positions[item], b.positions[item]))
  );
}

function isClose(a: number | undefined, b: number | undefined): boolean {
  return a === undefined || b === undefined ? a === b : Math.abs(a - b) <= sameWithinPpm;
}

function latestOf(
  known: readonly Calibration[],
  subject: CalibrationSubject,
): Calibration | undefined {
  return known
    .filter((one) => subjectName(one) === subjectName(subject))
    .toSorted((a, b) => a.from - b.from)
    .at(-1);
}

function subjectName({ cloud, account, model }: CalibrationSubject): string {
  return `${cloud}|${account}|${model}`;
}

function dayKey(one: CalibrationSubject & { readonly day: Instant }): string {
  return `${one.day}|${subjectName(one)}`;
}
