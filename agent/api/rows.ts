import { z } from 'zod';

/** Columns that the rows of several routes share. */
export const time = z.iso.datetime().meta({ description: "The bucket's start, UTC" });

/** A number that may be unknown. */
export function known(description: string) {
  return z.number().nullable().meta({ description });
}

/** A count that may be unknown. */
export function count(description: string) {
  return z.int().nonnegative().nullable().meta({ description });
}
