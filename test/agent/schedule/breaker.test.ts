import { describe, expect, it } from 'vitest';
import type { Discovery } from '../../../agent/core/collector.ts';
import { ExternalError } from '../../../agent/core/errors.ts';
import { minuteMs } from '../../../agent/core/time.ts';
import { createBreaker } from '../../../agent/schedule/breaker.ts';
import { createWorkbench, opening, runSource } from './running.ts';
import { createScriptedCloud, failure, listed, steady } from './scripted-cloud.ts';

const expired = new ExternalError('the token has expired', {
  reason: 'denied',
  operation: 'cloudwatch:GetMetricData',
  hint: 'Renew it.',
  ofCredentials: true,
});

describe('a breaker', () => {
  it('is closed at first, open after it tripped, half open for one trial, then what the trial says', () => {
    const breaker = createBreaker();
    expect(breaker.blocked(0)).toBeUndefined();
    breaker.trip(expired, 1_000);
    expect(breaker.blocked(999)).toEqual({ error: expired, until: 1_000 });
    expect(breaker.blocked(1_000)).toBeUndefined();
    expect(breaker.blocked(1_000)).toMatchObject({ error: expired });
    breaker.trip(expired, 5_000);
    expect(breaker.blocked(4_000)).toEqual({ error: expired, until: 5_000 });
    expect(breaker.blocked(5_000)).toBeUndefined();
    breaker.close();
    expect(breaker.blocked(5_000)).toBeUndefined();
    expect(breaker.blocked(5_000)).toBeUndefined();
  });

  it('takes another trial where one was dropped without a word', () => {
    const breaker = createBreaker();
    breaker.trip(expired, 1_000);
    breaker.blocked(1_000);
    expect(breaker.blocked(1_000 + minuteMs)).toBeUndefined();
  });
});

const regions = Object.fromEntries(
  Array.from({ length: 12 }, (_, n) => [`region-${n}`, [steady(`model-${n}`)]]),
);
const world = Object.values(regions).flat();

/** Twelve targets of one account and region: on Azure as many resources. */
function together(): Discovery {
  const discovery = listed(regions);
  const targets = discovery.targets.map((target) => ({ ...target, region: 'us-east-1' }));
  return { ...discovery, targets };
}

/** Twelve targets of one account, of which every read fails for forty minutes. */
async function failing(error: ExternalError, listing: () => Discovery = together) {
  const bench = createWorkbench();
  const cloud = createScriptedCloud(bench.clock, world, listing);
  const source = runSource(bench, cloud.collector);
  await bench.clock.advance(5 * minuteMs);
  cloud.beforeAnswer = () => {
    throw error;
  };
  const from = cloud.asked.length;
  await bench.clock.advance(40 * minuteMs);
  const asked = cloud.asked.slice(from);
  return { ...bench, ...source, cloud, asked };
}

describe('twelve targets of one account and region', () => {
  it('ask some twenty times in forty minutes when its credentials fail, and all of them say why', async () => {
    const s = await failing(expired);
    // Those that were under way when the first failed, then one trial at a time.
    expect(s.asked.length).toBeLessThan(20);
    const rows = (await s.ledger.sources(s.clock.now())).filter(({ units }) => units > 0);
    expect(rows).toHaveLength(12);
    for (const row of rows) {
      expect(row.failure).toMatchObject({ reason: 'denied', hint: 'Renew it.' });
      expect(row.nextPoll).toBeGreaterThan(opening);
    }
    s.cloud.beforeAnswer = () => undefined;
    await s.clock.advance(20 * minuteMs);
    const healed = (await s.ledger.sources(s.clock.now())).filter(({ units }) => units > 0);
    expect(healed.map(({ failure: left }) => left)).toEqual(healed.map(() => null));
    await s.stop();
  });

  it('elsewhere are asked on: a region may refuse credentials that are good in another', async () => {
    const s = await failing(expired, () => listed(regions));
    expect(new Set(s.asked.map(({ target }) => target.id)).size).toBe(12);
    await s.stop();
  });

  it('each wait for themselves when what fails is their own permission', async () => {
    const s = await failing(failure('denied'));
    const asking = new Set(s.asked.map(({ target }) => target.id));
    expect(asking.size).toBe(12);
    expect(s.asked.length).toBeLessThan(12 * 7);
    await s.stop();
  });
});
