import { ppmOfWhole } from '../core/money.ts';

/** What one day tells of a share. */
export interface Observed {
  /** 0 to 1, or near it. */
  readonly share: number;
  /** How much of the day's tokens or dollars it is a share of. Above zero. */
  readonly weight: number;
}

/** As few days as say anything of the next. */
export const fewestDays = 3;

/** Beyond this it is no share but a sign of something else. */
const beyond = 0.01;

/**
 * The mean share in millionths, by weight, without a tenth of the days at either end, at least one: a single day that is
 * wrong, however wrong, moves it no further than to the days beside it. Undefined of too few days.
 */
export function trimmedPpm(observed: readonly Observed[]): number | undefined {
  const told = observed
    .filter(({ share, weight }) => weight > 0 && share >= -beyond && share <= 1 + beyond)
    .toSorted((a, b) => a.share - b.share);
  if (told.length < fewestDays) return undefined;
  const cut = Math.ceil(told.length / 10);
  const kept = told.slice(cut, told.length - cut);
  const weight = kept.reduce((sum, one) => sum + one.weight, 0);
  const mean = kept.reduce((sum, one) => sum + one.share * (one.weight / weight), 0);
  return Math.round(Math.min(1, Math.max(0, mean)) * ppmOfWhole);
}
