import type { Calibration } from '../core/calibration.ts';
import type { IdentityRow } from '../core/store.ts';
import type { Instant, Window } from '../core/time.ts';

/** Whether what bills taught holds over a span: over none of it, part of it, or all of it. */
export type Calibrated = 'none' | 'part' | 'all';

export type CalibratedOver = (identityId: number, span: Window) => Calibrated;

type Subject = Pick<IdentityRow, 'cloud' | 'account' | 'model'>;

/** By identity id; undefined where nothing was learnt for any of them. */
export function calibratedOver(
  identities: readonly IdentityRow[],
  calibrations: readonly Calibration[],
): CalibratedOver | undefined {
  const subjects = new Map<string, Instant>();
  for (const one of calibrations) {
    const known = subjects.get(subjectName(one)) ?? Infinity;
    subjects.set(subjectName(one), Math.min(known, one.from));
  }
  const since = new Map<number, Instant>();
  for (const identity of subjects.size === 0 ? [] : identities) {
    const from = subjects.get(subjectName(identity));
    if (from !== undefined) since.set(identity.id, from);
  }
  if (since.size === 0) return undefined;
  return (identityId, { start, end }) => {
    const from = since.get(identityId);
    if (from === undefined || from >= end) return 'none';
    return from <= start ? 'all' : 'part';
  };
}

/** The calibration that holds at a moment; undefined where nothing was learnt by then. */
export function calibrationAt(
  calibrations: readonly Calibration[],
  subject: Subject,
  at: Instant,
): Calibration | undefined {
  const own = calibrations.filter(
    (one) => subjectName(one) === subjectName(subject) && one.from <= at,
  );
  return own.toSorted((a, b) => a.from - b.from).at(-1);
}

/** Calibrations hold for all of one name alike. */
export function subjectName({ cloud, account, model }: Subject): string {
  return [cloud, account, model].join('\n');
}
