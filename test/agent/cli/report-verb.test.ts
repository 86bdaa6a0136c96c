import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isDemoLedger } from '../../../agent/cli/demo-config.ts';
import { interpretationOf } from '../../../agent/cli/settings.ts';
import { loadConfig } from '../../../agent/config/load.ts';
import type { Ledger } from '../../../agent/core/store.ts';
import { hourMs } from '../../../agent/core/time.ts';
import { openLedger } from '../../../exporters/sqlite/ledger.ts';
import { cliProcess, configFile } from '../../support/cli-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { batchOf, day0, targetOf } from '../../support/ledger-world.ts';
import type { TrueSeries } from '../../support/ledger-world.ts';

const noon = day0 + 12 * hourMs;
const model = { ModelId: 'anthropic.claude-sonnet-4-6' };
const series: readonly TrueSeries[] = [
  { rowId: 'in', dimensions: model, values: Array.from({ length: 720 }, () => 10) },
  { rowId: 'out', dimensions: model, values: Array.from({ length: 720 }, () => 1) },
];

function write(ledger: Ledger): void {
  const discovery = { scopes: ['aws'], targets: [targetOf(series)], inventory: [], failures: [] };
  ledger.recordDiscovery('aws', discovery, noon);
  ledger.commit(batchOf(series, { start: day0, end: noon }, 60, noon));
}

/** A configuration, and the ledger it names as its one writer holds it. */
function world(ledgerName = 'crossbill.db') {
  const config = configFile(
    `ledger: sqlite:./${ledgerName}\nteams: [{ name: search, match: { cloud: aws } }]\nsources: [{ name: aws, type: aws }]`,
  );
  const loaded = loadConfig(config, { env: {} });
  const path = join(dirname(config), ledgerName);
  return {
    config,
    path,
    write: () => openLedger(path, interpretationOf(loaded.config), noon),
    report: async (...argv: readonly string[]) => {
      const process = cliProcess({ clock: createFakeClock(noon) });
      const status = await process.run('report', '--config', config, ...argv);
      return { status, out: process.out.text(), err: process.err.text() };
    },
  };
}

describe('report', () => {
  it('reads what a running writer has committed, and goes on seeing more', async () => {
    const { write: open, report } = world();
    const ledger = open();
    const before = await report('--json', '--by', 'cloud');
    expect([before.status, before.err]).toEqual([0, '']);
    expect(JSON.parse(before.out)).toEqual([]);
    write(ledger);
    const { status, out } = await report('--json', '--by', 'team');
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject([{ team: 'search', output_tokens: 720 }]);
    ledger.close();
  });

  it('takes times from its own clock and -24h forms', async () => {
    const { write: open, report } = world();
    const ledger = open();
    write(ledger);
    const { out } = await report('--from', '-2h', '--to', '-1h');
    expect(out).toMatch(/^2026-11-10 10:00 – 2026-11-10 11:00 UTC, by model, cloud\n/);
    expect(out).toMatch(/^Total .* 60\b/m);
    ledger.close();
  });

  it('says what to do where there is no ledger, and makes none', async () => {
    const { path, report } = world();
    const { status, out, err } = await report();
    expect(status).toBe(1);
    expect(out).toBe('');
    expect(err).toBe(
      `${path}: there is no ledger to read. Start \`crossbill run\` first, or name the right file under \`ledger\`.\n`,
    );
    expect(existsSync(path)).toBe(false);
  });

  it('ends with 2 for a dimension that is none', async () => {
    const { write: open, report } = world();
    open().close();
    const { status, out, err } = await report('--by', 'modle');
    expect([status, out]).toEqual([2, '']);
    expect(err).toBe('--by: unknown dimension "modle"; did you mean "model"?\n');
  });

  it.each([
    ['crossbill-demo.db', true],
    ['crossbill.db', false],
    ['my-crossbill-demo.db', false],
  ])('of the ledger %s says DEMO: %s', async (name, demo) => {
    const { write: open, report, path } = world(name);
    open().close();
    expect((await report()).out.startsWith('DEMO ')).toBe(demo);
    expect((await report('--csv')).err.startsWith('DEMO ')).toBe(demo);
    expect(isDemoLedger(path)).toBe(demo);
  });
});
