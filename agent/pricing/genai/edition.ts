import type { Edition } from './book.ts';

/**
 * What is installed of the package, which says so nowhere in its code; a test holds it to that. Apart from the package, so
 * that who has this edition's rows already need not load it.
 */
export const packagedEdition: Edition = {
  version: '0.1.8',
  /** When that version was published: the prices are no younger. */
  at: Date.UTC(2026, 8, 23),
};
