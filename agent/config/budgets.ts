import { budgetAmount } from './amounts.ts';
import {
  duration,
  fail,
  listOf,
  name,
  oneOf,
  parsed,
  percent,
  positive,
  section,
  text,
} from './fields.ts';
import { dimension, match } from './match.ts';
import { nearest } from './nearest.ts';

/** The label by which receivers route, in Prometheus' way: a free word. */
export function severity() {
  return parsed('a word such as warning or page', (value) =>
    /^[a-z][a-z0-9_-]*$/.test(value) ? value : undefined,
  ).default('warning');
}

/** Names of notifiers; that they exist is looked at once all sections are read. */
export function notify() {
  return listOf(name(), { expected: 'for example [finops]', atLeast: 0 }).default([]);
}

const windows = listOf(duration('1h'), { expected: 'for example [1h, 6h]' }).transform(
  ([short, long, ...more], ctx): readonly [number, number] => {
    if (short !== undefined && long !== undefined && more.length === 0 && short < long) {
      return [short, long];
    }
    return fail(ctx, 'expected two durations, the shorter first, for example [1h, 6h]');
  },
);

const alertOf = section({
  actual: percent('90%').optional(),
  forecast: percent('100%').optional(),
  burn_rate: positive('4').optional(),
  over: windows.optional(),
  severity: severity(),
}).transform(({ actual, forecast, burn_rate: rate, over, severity: label }, ctx) => {
  const given = [actual, forecast, rate].filter((threshold) => threshold !== undefined);
  if (given.length !== 1) return fail(ctx, 'give exactly one of actual, forecast, burn_rate');
  if (rate === undefined && over !== undefined) {
    return fail(ctx, 'over belongs to burn_rate; delete it', ['over']);
  }
  if (actual !== undefined) return { kind: 'actual' as const, ratio: actual, severity: label };
  if (forecast !== undefined)
    return { kind: 'forecast' as const, ratio: forecast, severity: label };
  if (rate === undefined || over === undefined) {
    return fail(ctx, 'burn_rate needs its two windows: over: [1h, 6h]');
  }
  return { kind: 'burn_rate' as const, rate, overSeconds: over, severity: label };
});

const timezone = text('an IANA time zone, for example Europe/Berlin').transform((zone, ctx) => {
  if (isTimeZone(zone)) return zone;
  const near = nearest(zone, ['UTC', ...Intl.supportedValuesOf('timeZone')]);
  const meant = near === undefined ? 'write it as in Europe/Berlin' : `did you mean "${near}"?`;
  return fail(ctx, `not an IANA time zone; ${meant}`);
});

/** Offsets such as `+02:00` are no zones: they know no summer time. */
function isTimeZone(zone: string): boolean {
  if (zone === 'UTC') return true;
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

const budgetName = parsed(
  'a name of letters, digits, `.`, `_` and `-`; with for_each, {team} or the like in it',
  (value) =>
    /^(?:[A-Za-z0-9]|\{[\w.]+\})(?:[\w.-]|\{[\w.-]+\})*$/.test(value) ? value : undefined,
);

const budget = section({
  name: budgetName,
  for_each: dimension().optional(),
  amount: budgetAmount(),
  period: oneOf(['day', 'week', 'month', 'quarter']),
  timezone: timezone.default('UTC'),
  match: match().default({}),
  basis: oneOf(['estimated', 'billed', 'amortized']).default('estimated'),
  estimate: oneOf(['low', 'best', 'high']).default('best'),
  alerts: listOf(alertOf, { expected: 'for example [{ actual: 90% }]', atLeast: 0 }).default([]),
  notify: notify(),
})
  .superRefine((one, ctx) => {
    const holes = [...one.name.matchAll(/\{([^}]*)\}/g)].map(([, hole]) => hole);
    if (one.for_each === undefined && holes.length > 0) {
      fail(ctx, 'a name with {…} needs for_each, which says what stands there', ['name']);
    }
    if (one.for_each !== undefined && (holes.length !== 1 || holes[0] !== one.for_each)) {
      fail(ctx, `with for_each the name must hold {${one.for_each}} once and no other {…}`, [
        'name',
      ]);
    }
    if (one.amount.unit === 'tokens' && one.basis !== 'estimated') {
      fail(ctx, 'a bill is money: with an amount in tokens the basis is estimated', ['basis']);
    }
  })
  .transform(({ for_each: forEach, ...rest }) => ({ ...rest, forEach }));

export const budgets = listOf(budget, {
  expected: 'for example [{ name: all, amount: 500 USD, period: month }]',
  atLeast: 0,
});
