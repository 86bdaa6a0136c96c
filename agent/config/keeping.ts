import { duration, durationOr, fail, parsed, section } from './fields.ts';

export const ledger = parsed(
  'sqlite: and the path of a file, for example sqlite:./crossbill.db',
  (value) => {
    const [, path] = /^sqlite:(?!:|\/\/)(.+)$/.exec(value) ?? [];
    return path === undefined ? undefined : { path };
  },
);

export const poll = section({
  every: duration('5m').default(300),
  overlap: duration('30m').default(1_800),
  backfill: durationOr('auto', '14d').default('auto'),
})
  .superRefine(({ every, overlap }, ctx) => {
    if (overlap < every) {
      fail(ctx, 'shorter than every: late points would be lost; make it at least as long', [
        'overlap',
      ]);
    }
  })
  .transform(({ every, overlap, backfill }) => ({
    everySeconds: every,
    overlapSeconds: overlap,
    backfillSeconds: backfill,
  }));

const age = durationOr('forever', '400d');

export const retention = section({
  minute: age.default(15 * 86_400),
  hour: age.default(400 * 86_400),
  day: age.default('forever'),
})
  .superRefine(({ minute, hour, day }, ctx) => {
    const message = 'kept shorter than the finer one that it is made of; make it at least as long';
    if (lasts(hour) < lasts(minute)) fail(ctx, message, ['hour']);
    if (lasts(day) < lasts(hour)) fail(ctx, message, ['day']);
  })
  .transform(({ minute, hour, day }) => ({
    minuteSeconds: minute,
    hourSeconds: hour,
    daySeconds: day,
  }));

function lasts(seconds: number | 'forever'): number {
  return seconds === 'forever' ? Infinity : seconds;
}
