import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import type { Platform } from '../../../agent/cli/platform.ts';
import { cliProcess, configFile } from '../../support/cli-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { csvRows, focusDays, focusLedger } from '../../support/focus-world.ts';

vi.setConfig({ testTimeout: 60_000 });

async function world(instead: Partial<Platform> = {}) {
  const config = configFile('ledger: sqlite:./crossbill.db\nsources: [{ name: a, type: aws }]\n');
  const folder = dirname(config);
  const ledger = await focusLedger(join(folder, 'crossbill.db'));
  return {
    folder,
    close: () => ledger.close(),
    run: async (...argv: readonly string[]) => {
      const process = cliProcess({ clock: createFakeClock(focusDays.end), instead });
      const words = argv[0] === 'focus' ? ['focus', '--config', config, ...argv.slice(1)] : argv;
      return { ...process, status: await process.run('export', ...words) };
    },
  };
}

describe('export focus', () => {
  it('writes a file of the month, beside an agent that holds the ledger', async () => {
    const { run, folder, close } = await world();
    const out = join(folder, 'november.csv');
    const { status, err } = await run('focus', '--out', out);
    close();
    expect(status, err.text()).toBe(0);
    const rows = csvRows(readFileSync(out, 'utf8'));
    expect(rows.length).toBeGreaterThan(40);
    expect(err.text()).toContain(
      `${out}: ${rows.length} rows of FOCUS 1.2, 2026-11-01 to 2026-11-11 (exclusive) by 1d; costs are estimates`,
    );
    expect(err.text()).toMatch(/15,160 tokens have no price and no row/);
    expect(readdirSync(folder).filter((name) => name.includes('unfinished'))).toEqual([]);
  });

  it.each([
    ['by the hour', ['--step', '1h'], 'ChargePeriodEnd', '2026-11-10T10:00:00Z'],
    ['of the newest version', ['--version', '1.4'], 'HostProviderName', 'Amazon Web Services'],
  ])('writes %s where it is asked to', async (_, words, column, value) => {
    const { run, folder, close } = await world();
    const out = join(folder, 'x.csv.gz');
    const { status, err } = await run('focus', '--from', '2026-11-10', ...words, '--out', out);
    close();
    expect(status, err.text()).toBe(0);
    const rows = csvRows(gunzipSync(readFileSync(out)).toString());
    expect(rows.map((row) => row[column])).toContain(value);
  });

  it('writes CSV to stdout, and nothing else there', async () => {
    const { run, close } = await world();
    const { status, out } = await run('focus', '--from', '2026-11-10', '--out', '-');
    close();
    expect(status).toBe(0);
    expect(csvRows(out.text()).length).toBeGreaterThan(40);
  });

  it('leaves no file, and the one that was there, where it fails', async () => {
    const { run, folder, close } = await world({
      focusWriter: async () =>
        async function* () {
          yield 'half';
          throw new Error('no space left on device');
        },
    });
    const out = join(folder, 'x.csv');
    const { status, err } = await run('focus', '--out', out);
    close();
    expect(status).toBe(1);
    expect(err.text()).toContain('no space left on device');
    expect(existsSync(out)).toBe(false);
    expect(readdirSync(folder).filter((name) => name.startsWith('x.'))).toEqual([]);
  });

  it.each<[string, readonly string[], string]>([
    ['no kind of file', ['focus', '--out', 'x.xlsx'], 'end it with .csv, .csv.gz, .parquet'],
    ['no file', ['focus'], "required option '--out <file>' not specified"],
    ['a version of nobody', ['focus', '--out', 'x.csv', '--version', '9'], 'Allowed choices are'],
    [
      'a range that ends before it begins',
      ['focus', '--out', 'x.csv', '--from', '2026-11-12', '--to', '2026-11-10'],
      '--from (2026-11-12) must lie before --to (2026-11-10)',
    ],
  ])('refuses %s', async (_, words, text) => {
    const { run, close } = await world();
    const { status, err } = await run(...words);
    close();
    expect(status).toBe(2);
    expect(err.text()).toContain(text);
  });
});
