import { describe, expect, it } from 'vitest';
import { billTarget } from '../../../agent/core/bill.ts';
import { ExternalError } from '../../../agent/core/errors.ts';
import type { FailureDetail } from '../../../agent/core/errors.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../../../agent/core/time.ts';
import { createApiMeter } from '../../../agent/schedule/api-meter.ts';
import { createSpendLimits } from '../../../agent/schedule/spend-limits.ts';
import { billScope, november, novemberDays } from '../../support/bill-world.ts';
import { cent, runBills } from './scripted-bills.ts';
import type { RunningBills } from './scripted-bills.ts';

const start = november(20) + 9 * hourMs;
const one = billScope();
const two = billScope({ scope: 'prod-aws/444455556666', account: '444455556666' });
const first = ['3 11-15..11-20', '3 11-11..11-14'];

function failure(reason: FailureDetail['reason'], more: Partial<FailureDetail> = {}) {
  const detail = { reason, operation: 'ce:GetCostAndUsage', hint: `About ${reason}.`, ...more };
  return new ExternalError(`${reason} by the script`, detail);
}

async function failing({ ledger, clock }: RunningBills): Promise<readonly string[]> {
  const rows = await ledger.sources(clock.now());
  return rows.flatMap((row) =>
    row.failure === null ? [] : [`${row.target} ${row.failure.reason}`],
  );
}

async function costs({ ledger }: RunningBills) {
  return (await ledger.bills(novemberDays(1, 30))).map(({ cost }) => cost);
}

describe('a scope', () => {
  it('is told its open days, then its history, then nothing until the next round', async () => {
    const run = await runBills(start);
    await run.clock.advance(minuteMs);
    expect(run.told()).toEqual(first);
    expect(await costs(run)).toHaveLength(10);
    await run.clock.advance(5 * hourMs);
    expect(run.told()).toEqual([]);
    expect(await run.status()).toMatchObject({
      lastSuccess: start + 600,
      watermark: november(15),
      nextPoll: start + 400 + 6 * hourMs,
      cadenceSeconds: 21_600,
      slowed: null,
      failure: null,
    });
    await run.clock.advance(hourMs);
    expect(run.told()).toEqual(['3 11-15..11-20']);
    await run.stop();
  });

  it('takes what the vendor restated', async () => {
    const run = await runBills(start);
    await run.clock.advance(minuteMs);
    run.bills.cost = '2';
    await run.clock.advance(6 * hourMs);
    expect(await costs(run)).toEqual(['1', '1', '1', '1', '2', '2', '2', '2', '2', '2']);
    await run.stop();
  });

  it('is asked no sooner for a restart', async () => {
    const before = await runBills(start);
    await before.clock.advance(hourMs);
    await before.stop();
    const run = await runBills(start, { after: before });
    await run.clock.advance(4 * hourMs);
    expect(run.told()).toEqual([]);
    await run.clock.advance(hourMs + minuteMs);
    expect(run.told()).toEqual(['3 11-15..11-20']);
    await run.stop();
  });

  it('is asked once, for all it missed, when the machine was asleep for days', async () => {
    const run = await runBills(start);
    await run.clock.advance(minuteMs);
    run.told();
    await run.clock.jump(3 * dayMs);
    await run.clock.advance(minuteMs);
    expect(run.told()).toEqual(['3 11-15..11-23']);
    await run.stop();
  });

  it('goes on by the hour when its clock was set back by days', async () => {
    const run = await runBills(start);
    await run.clock.advance(minuteMs);
    run.told();
    run.clock.shift(-2 * dayMs);
    await run.clock.advance(7 * hourMs);
    expect(run.told().length).toBeGreaterThan(0);
    await run.clock.advance(dayMs);
    expect(run.told().length).toBeLessThan(6);
    await run.stop();
  });

  it('is asked with rest though its collector answers for other days', async () => {
    const run = await runBills(start, {
      script: (bills) => {
        bills.change = (told) => {
          const end = told.days.end - dayMs;
          const lines = told.lines.filter(({ day }) => day < end);
          return { ...told, days: { start: told.days.start, end }, lines };
        };
      },
    });
    await run.clock.advance(10 * hourMs);
    expect(run.told().length).toBeLessThan(60);
    expect(await failing(run)).toEqual([`${billTarget(one)} bad_response`]);
    await run.stop();
  });

  it('is asked with rest though its collector lives in the past', async () => {
    const run = await runBills(start, {
      script: (bills) => {
        bills.change = (told) => ({ ...told, fetchedAt: 0 });
      },
    });
    await run.clock.advance(5 * hourMs);
    expect(run.told()).toEqual(first);
    await run.stop();
  });

  it.each(['in a listing', 'in a call', 'asleep'])('stops at once %s', async (moment) => {
    const run = await runBills(start);
    await run.clock.advance({ 'in a listing': 100, 'in a call': 300, asleep: hourMs }[moment] ?? 0);
    await run.stop();
    expect(run.clock.sleepers()).toEqual([]);
    expect(await failing(run)).toEqual([]);
    expect(await costs(run)).toHaveLength(moment === 'asleep' ? 10 : 0);
  });
});

describe('a failure', () => {
  it('is on record with what to do, is tried again later and later, and goes with the next success', async () => {
    const run = await runBills(start, {
      script: (bills) => {
        bills.beforeAnswer = () => {
          throw failure('unreachable');
        };
      },
    });
    await run.clock.advance(secondMs);
    expect(await run.status()).toMatchObject({
      failure: { reason: 'unreachable', hint: 'About unreachable.' },
      lastSuccess: null,
    });
    await run.clock.advance(10 * hourMs);
    expect(run.told().length).toBeLessThan(20);
    run.bills.beforeAnswer = () => undefined;
    await run.clock.advance(2 * hourMs);
    expect(run.told()).toEqual(first);
    expect(await failing(run)).toEqual([]);
    await run.stop();
  });

  it('is not tried again before the other side allows it', async () => {
    const run = await runBills(start, {
      script: (bills) => {
        bills.beforeAnswer = () => {
          throw failure('throttled', { retryAfterMs: 4 * hourMs });
        };
      },
    });
    await run.clock.advance(secondMs);
    run.told();
    run.bills.beforeAnswer = () => undefined;
    await run.clock.advance(4 * hourMs - minuteMs);
    expect(run.told()).toEqual([]);
    await run.clock.advance(2 * minuteMs);
    expect(run.told()).toEqual(first);
    await run.stop();
  });

  it('that a person must mend is asked about an hour apart at least', async () => {
    const run = await runBills(start, {
      script: (bills) => {
        bills.beforeAnswer = () => {
          throw failure('denied');
        };
      },
    });
    await run.clock.advance(hourMs - minuteMs);
    expect(run.told()).toHaveLength(1);
    await run.stop();
  });

  it('of a month that makes no sense holds up no other', async () => {
    const run = await runBills(start, {
      deps: { horizonSeconds: 60 * 86_400 },
      script: (bills) => {
        bills.beforeAnswer = ({ days }) => {
          if (days.end === november(1)) throw failure('bad_response');
        };
      },
    });
    await run.clock.advance(10 * secondMs);
    expect(run.told()).toEqual([
      '3 11-15..11-20',
      '3 11-01..11-14',
      '3 10-01..10-31',
      '3 09-22..09-30',
    ]);
    expect(await failing(run)).toEqual([`${billTarget(one)} bad_response`]);
    await run.stop();
  });

  it('reaches no neighbour', async () => {
    const run = await runBills(start, {
      scopes: [one, two],
      script: (bills) => {
        bills.beforeAnswer = ({ scope }) => {
          if (scope.account === one.account) throw failure('denied');
        };
      },
    });
    await run.clock.advance(minuteMs);
    expect(await failing(run)).toEqual([`${billTarget(one)} denied`]);
    expect(await run.status(two)).toMatchObject({ failure: null, lastSuccess: start + 800 });
    await run.stop();
  });

  it('of credentials is one trial for all scopes of the account', async () => {
    const metrics = billScope({ source: 'aws_estimated_charges' });
    const run = await runBills(start, {
      scopes: [one, metrics],
      script: (bills) => {
        bills.beforeAnswer = () => {
          throw failure('denied', { ofCredentials: true });
        };
      },
    });
    await run.clock.advance(30 * minuteMs);
    expect(run.told()).toHaveLength(1);
    expect(await failing(run)).toEqual([
      `${billTarget(one)} denied`,
      `${billTarget(metrics)} denied`,
    ]);
    run.bills.beforeAnswer = () => undefined;
    await run.clock.advance(2 * hourMs);
    expect(await failing(run)).toEqual([]);
    await run.stop();
  });
});

describe('a listing', () => {
  it('comes once a day, and what it no longer names is asked no more', async () => {
    const run = await runBills(start, { scopes: [one, two] });
    await run.clock.advance(hourMs);
    run.bills.listing = () => ({ scopes: [two], failures: [] });
    run.told();
    await run.clock.advance(dayMs);
    expect(run.bills.listings).toEqual([start, start + 200 + dayMs]);
    run.told();
    await run.clock.advance(12 * hourMs);
    expect(new Set(run.told().map((call) => call.slice(0, 1)))).toEqual(new Set(['6']));
    expect(await run.status(one)).toBeUndefined();
    await run.stop();
  });

  it('that fails is on record, tried again sooner, and stops nothing that is known', async () => {
    const run = await runBills(start);
    await run.clock.advance(hourMs);
    run.bills.listing = () => {
      throw failure('unreachable');
    };
    await run.clock.advance(dayMs);
    expect(await failing(run)).toEqual(['prod-aws/bills unreachable']);
    run.told();
    await run.clock.advance(6 * hourMs);
    expect(run.told()).toEqual(['3 11-16..11-21']);
    run.bills.listing = () => ({ scopes: [one], failures: [] });
    await run.clock.advance(hourMs);
    expect(await failing(run)).toEqual([]);
    await run.stop();
  });

  it('keeps asking for a scope that it could not see this time', async () => {
    const run = await runBills(start, { scopes: [one, two] });
    await run.clock.advance(hourMs);
    run.bills.listing = () => ({
      scopes: [two],
      failures: [{ scope: one.scope, error: failure('unreachable') }],
    });
    await run.clock.advance(dayMs);
    expect(await failing(run)).toEqual([`${one.scope}/bills unreachable`]);
    run.told();
    await run.clock.advance(7 * hourMs);
    expect(new Set(run.told().map((call) => call.slice(0, 1)))).toEqual(new Set(['3', '6']));
    await run.stop();
  });
});

describe('the spend limit', () => {
  it('is told what an ordinary day and the history cost, so that auto makes room for them', async () => {
    const limits = createSpendLimits('auto');
    limits.predict('prod-aws', 0n);
    const run = await runBills(start, {
      deps: { limits },
      meterOf: (clock, ledger) => createApiMeter({ clock, ledger, limits }),
    });
    await run.clock.advance(minuteMs);
    // Four rounds a day and one piece of history, half as much again.
    expect(limits.of('prod-aws')).toBe((5n * cent * 3n) / 2n);
    await run.clock.advance(dayMs);
    expect(limits.of('prod-aws')).toBe((4n * cent * 3n) / 2n);
    expect(await failing(run)).toEqual([]);
    await run.stop();
  });

  it('holds calls back until midnight, which is no failure and is told', async () => {
    const limits = createSpendLimits({ nanoUsdPerDay: cent });
    const run = await runBills(start, {
      deps: { limits },
      meterOf: (clock, ledger) => createApiMeter({ clock, ledger, limits }),
    });
    await run.clock.advance(hourMs);
    expect(run.told()).toEqual(['3 11-15..11-20']);
    expect(await run.status()).toMatchObject({
      failure: null,
      nextPoll: november(21),
      slowed: expect.stringMatching(/more than the \$0\.01\d* it may spend today.*raise api_spend/),
    });
    await run.clock.advance(15 * hourMs);
    expect(run.told()).toHaveLength(1);
    await run.stop();
  });
});
