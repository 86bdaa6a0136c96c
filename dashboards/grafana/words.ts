/** What every figure of its kind says of itself, so that none is taken for more than it is. */
export const estimated =
  'Estimated: metered tokens times the price of their day, not a bill. The newest minutes may still change; ' +
  '"Settled" on the Trust board says how much cannot any more.';

export const metered =
  "Metered by the clouds' own monitoring. The newest minutes may still change until the meter has settled.";

export const audited =
  'Of whole UTC days. Days whose bill is not final count as pending until the cloud closes them.';

export const priced =
  'Covers tokens that have a price; those without are on the Trust board, not free.';

export const stepped =
  'Each bar or point is one bucket, in UTC; as the board opens, the first is whole and the last is not over. ' +
  'One that was not read is empty, one that was silent is 0.';

/** Where there is nothing to show: why, and where to look. */
export const nothing =
  'Nothing was read of this range. "Targets" on the Trust board says what is read, up to when, and what to do.';
