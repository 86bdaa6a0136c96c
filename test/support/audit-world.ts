import { dirname, join } from 'node:path';
import { interpretationOf } from '../../agent/cli/settings.ts';
import { loadConfig } from '../../agent/config/load.ts';
import type { MeterMeaning } from '../../agent/core/bill.ts';
import type { Ledger } from '../../agent/core/store.ts';
import { dayMs, hourMs } from '../../agent/core/time.ts';
import { createRater } from '../../agent/pricing/rater.ts';
import { openLedger } from '../../exporters/sqlite/ledger.ts';
import { billLine, billStatement, inputOfSol } from './bill-world.ts';
import { configFile } from './cli-world.ts';
import { batchOf, day0, targetOf } from './ledger-world.ts';
import type { TrueSeries } from './ledger-world.ts';
import { perMillion, smallPrice } from './small-prices.ts';

/** A day of openai.gpt-5.6-sol on Bedrock whose cached tokens are billed twice, in a ledger with a final bill. */

export const auditedAccount = '111122223333';
/** When the audit is asked for. */
export const auditNow = day0 + 9 * dayMs + 12 * hourMs;

const model = { ModelId: 'openai.gpt-5.6-sol' };
/** Two turns of one conversation, at 10:00 and 10:01. https://github.com/badlogic/pi-mono/issues/8752 */
const turns = {
  in: [8_369, 12_401],
  read: [0, 8_367],
  write: [8_367, 4_032],
  out: [500, 700],
} as const;

const series: readonly TrueSeries[] = Object.entries(turns).map(([rowId, said]) => ({
  rowId,
  dimensions: model,
  values: [...Array.from({ length: 600 }, () => 0), ...said],
}));

const solDollars = { input: 5.5, cache_read: 0.55, cache_write: 6.88, output: 33 } as const;
const billed = { input: 20_770, cache_read: 8_367, cache_write: 12_399, output: 1_200 } as const;
const items = ['input', 'cache_read', 'cache_write', 'output'] as const;

const lines = items.map((item) => {
  const meaning: MeterMeaning = { ...inputOfSol, item, routing: 'in_region' };
  return billLine({
    day: day0,
    meter: `USE1-gpt-5.6-sol-${item}`,
    meaning,
    quantity: String(billed[item] / 1e6),
    cost: ((billed[item] * solDollars[item]) / 1e6).toFixed(9),
  });
});

function fill(ledger: Ledger): void {
  const readAt = day0 + 2 * dayMs;
  const discovery = { scopes: ['aws'], targets: [targetOf(series)], inventory: [], failures: [] };
  ledger.recordDiscovery('aws', discovery, readAt);
  ledger.commit(batchOf(series, { start: day0, end: day0 + dayMs }, 60, readAt));
  const prices = items.map((item) =>
    smallPrice({ model: 'openai/gpt-5.6-sol', item, nanoUsd: perMillion(solDollars[item]) }),
  );
  ledger.rateWith(createRater(prices, []), readAt);
  ledger.recordBill(
    billStatement({
      days: { start: day0, end: day0 + dayMs },
      finalUntil: day0 + dayMs,
      fetchedAt: day0 + 8 * dayMs,
      lines,
    }),
  );
}

/** A configuration with these lines, and its ledger, filled; close what it opens. */
export function auditWorld(more = ''): { readonly config: string; openLedger(): Ledger } {
  const config = configFile(
    `ledger: sqlite:./crossbill.db\nsources: [{ name: aws, type: aws }]\n${more}`,
  );
  const loaded = loadConfig(config, { env: {} });
  const path = join(dirname(config), 'crossbill.db');
  const open = () => openLedger(path, interpretationOf(loaded.config), auditNow);
  const ledger = open();
  fill(ledger);
  ledger.close();
  return { config, openLedger: open };
}
