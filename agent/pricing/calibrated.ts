import type { Calibration, CalibrationSubject, LearntShares } from '../core/calibration.ts';
import type { CardSpan, RateCard } from '../core/rating.ts';
import { ratesOf } from './bounds.ts';
import { fingerprint } from './fingerprint.ts';

/** By subject, oldest first. */
export function calibrationsBySubject(
  calibrations: readonly Calibration[],
): (subject: CalibrationSubject) => readonly Calibration[] {
  const subjects = new Map<string, Calibration[]>();
  for (const one of calibrations.toSorted((a, b) => a.from - b.from)) {
    const own = subjects.get(subjectName(one));
    if (own === undefined) subjects.set(subjectName(one), [one]);
    else own.push(one);
  }
  return (subject) => subjects.get(subjectName(subject)) ?? [];
}

function subjectName({ cloud, account, model }: CalibrationSubject): string {
  return [cloud, account, model].join('\n');
}

/**
 * The spans of a subject with what bills taught, each calibration from its beginning until the next. What was before the
 * first stays what it was.
 *
 * @param calibrations of the subject, oldest first
 */
export function calibratedSpans(
  spans: readonly CardSpan[],
  calibrations: readonly Calibration[],
): readonly CardSpan[] {
  if (calibrations.length === 0) return spans;
  const found: CardSpan[] = [];
  for (const span of spans) {
    for (const part of partsOf(span, calibrations)) {
      const last = found.at(-1);
      if (last?.card.key === part.card.key) {
        found[found.length - 1] = { ...last, to: part.to };
      } else {
        found.push(part);
      }
    }
  }
  return found;
}

function partsOf(
  { from, to, card }: CardSpan,
  calibrations: readonly Calibration[],
): readonly CardSpan[] {
  const cuts = calibrations.map((one) => one.from).filter((at) => at > from && at < to);
  return [from, ...cuts].map((start, index) => {
    const learnt = calibrations.findLast((one) => one.from <= start);
    return { from: start, to: cuts[index] ?? to, card: calibratedCard(card, learnt) };
  });
}

/** The card itself where nothing of what was learnt concerns its rates. */
function calibratedCard(card: RateCard, learnt: LearntShares | undefined): RateCard {
  if (learnt === undefined || !card.perToken) return card;
  const { unsplit, positions, longPpm } = learnt;
  const calibration = {
    ...(unsplit === undefined ? {} : { unsplit }),
    positions,
    ...(longPpm === undefined ? {} : { longPpm }),
    listRateKey: card.rateKey,
  };
  const calibrated = { ...card, calibration };
  if (fingerprint(ratesOf(calibrated)) === fingerprint(ratesOf(card))) return card;
  return {
    ...calibrated,
    key: fingerprint([card.key, calibration]),
    rateKey: fingerprint([card.rateKey, calibration]),
  };
}
