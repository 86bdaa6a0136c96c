import { expect, it, vi } from 'vitest';
import { priceLoopDeps } from '../../../agent/cli/price-upkeep.ts';
import { openPriceBook } from '../../../agent/cli/price-book.ts';
import { loadConfig } from '../../../agent/config/load.ts';
import { hourMs, minuteMs } from '../../../agent/core/time.ts';
import { runPriceUpdates } from '../../../agent/upkeep/price-loop.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { recordedLog } from '../../support/recorded-log.ts';
import { day0 } from '../../support/ledger-world.ts';
import { doubled, priceWorld, slightly, sonnet } from './price-world.ts';

// The lists come over real HTTP.
vi.setConfig({ testTimeout: 60_000 });

it('the agent takes a small change by itself, rates anew, and tells of a large one', async () => {
  const world = await priceWorld();
  await world.prices(['update', '--yes']);
  const { config } = loadConfig(world.config, { env: {} });
  const ledger = world.open();
  const clock = createFakeClock(day0 + 36 * hourMs);
  await openPriceBook({ env: {} }, config, ledger, clock.now());
  const run = async (list: typeof slightly, lines: number) => {
    const log = recordedLog();
    const stop = new AbortController();
    const { createPriceList } = list;
    if (createPriceList === undefined) throw new Error('no list');
    const own = { prices: [], discounts: [] };
    const deps = priceLoopDeps({ createPriceList }, config, ledger, own, clock, log);
    const done = runPriceUpdates(deps, stop.signal);
    await clock.advance(24 * hourMs + 6 * minuteMs);
    await log.written(lines);
    stop.abort();
    await done;
    return log.lines;
  };
  expect(await run(slightly, 1)).toMatchObject([
    {
      level: 'info',
      message: 'prices updated',
      fields: { taken: 1, waiting: 0, ratedAnew: [`${sonnet} 14256.00 → 14040.00 USD`] },
    },
  ]);
  expect(await run(doubled, 2)).toMatchObject([
    { level: 'info', fields: { taken: 0, waiting: 1, ratedAnew: [] } },
    { level: 'warn', fields: { models: [sonnet] } },
  ]);
  ledger.close();
});
