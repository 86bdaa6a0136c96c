import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import type { Platform } from '../../../agent/cli/platform.ts';
import { interpretationOf } from '../../../agent/cli/settings.ts';
import { loadConfig } from '../../../agent/config/load.ts';
import type { Price } from '../../../agent/core/price.ts';
import { hourMs } from '../../../agent/core/time.ts';
import { createAwsPriceList } from '../../../collectors/aws/prices/index.ts';
import { openLedger } from '../../../exporters/sqlite/ledger.ts';
import { cliProcess, configFile } from '../../support/cli-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { batchOf, day0, targetOf } from '../../support/ledger-world.ts';
import type { TrueSeries } from '../../support/ledger-world.ts';
import { startSmallClouds } from '../../support/small-clouds.ts';

export const noon = day0 + 12 * hourMs;
const million = Array.from({ length: 720 }, () => 1_000_000);

function meters(ModelId: string): readonly TrueSeries[] {
  return (['in', 'out', 'read', 'write'] as const).map((rowId) => ({
    rowId,
    dimensions: { ModelId },
    values: rowId === 'in' || rowId === 'out' ? million : [],
  }));
}

export const sonnet = 'anthropic/claude-sonnet-4-6';
const series = [...meters('anthropic.claude-sonnet-4-6'), ...meters('acme.unheard-of-v1:0')];

/** Half a day of two models, one of which nobody prices, and the built-in cloud's price list. */
export async function priceWorld(more = '') {
  const clock = createFakeClock(noon);
  const clouds = await startSmallClouds(() => clock.now(), undefined, ['aws']);
  const config = configFile(
    `ledger: sqlite:./crossbill.db\nsources: [{ name: aws, type: aws, endpoint: '${clouds.awsUrl}' }]\n${more}`,
  );
  const path = join(dirname(config), 'crossbill.db');
  if (more.includes('prices.yaml')) {
    writeFileSync(
      join(dirname(config), 'prices.yaml'),
      'prices: []\ndiscounts: [{ model: anthropic/*, off: 10% }]\n',
    );
  }
  const open = () =>
    openLedger(path, interpretationOf(loadConfig(config, { env: {} }).config), clock.now());
  const ledger = open();
  const target = targetOf(series);
  ledger.recordDiscovery(
    'aws',
    { scopes: ['aws'], targets: [target], inventory: [], failures: [] },
    noon,
  );
  ledger.commit(batchOf(series, { start: day0, end: noon }, 60, noon));
  ledger.close();
  return {
    clock,
    config,
    open,
    prices: async (
      argv: readonly string[],
      instead: Partial<Platform> = {},
      isTerminal = false,
    ) => {
      const process = cliProcess({ clock, instead, isTerminal, columns: 80 });
      const [word = '', ...rest] = argv;
      const isWord = ['show', 'update', 'diff', 'accept'].includes(word);
      const args = isWord ? [word, '--config', config, ...rest] : ['--config', config, ...argv];
      const status = await process.run('prices', ...args);
      expect([...process.open]).toEqual([]);
      return { status, out: process.out.text(), err: process.err.text() };
    },
  };
}

/** The cloud's list as it says it, with some prices changed. */
export function listWith(change: (price: Price) => readonly Price[]): Partial<Platform> {
  return {
    async createPriceList(_name, setting, deps) {
      const list = createAwsPriceList(setting, deps);
      return {
        name: list.name,
        async fetch(signal) {
          const listing = await list.fetch(signal);
          return { ...listing, prices: listing.prices.flatMap(change) };
        },
      };
    },
  };
}

export const is = (price: Price, item: Price['item']) =>
  price.model === sonnet && price.item === item && price.routing === 'in_region';
/** The list says since midnight that input costs another price. */
const input = (nanoUsd: bigint) =>
  listWith((price) => [is(price, 'input') ? { ...price, nanoUsd, from: day0 } : price]);
export const doubled = input(6_600_000_000n);
export const slightly = input(3_000_000_000n);
