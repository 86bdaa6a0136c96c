import { describe, expect, it } from 'vitest';
import { LedgerError } from '../../../exporters/sqlite/database.ts';
import { cliProcess, configFile } from '../../support/cli-world.ts';
import type { CliProcessOptions } from '../../support/cli-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const noon = Date.UTC(2026, 10, 18, 12);
const good = "sources: [{ name: own, type: aws, endpoint: 'http://127.0.0.1:9' }]";

function crossbill(instead?: CliProcessOptions['instead']) {
  return cliProcess({ clock: createFakeClock(noon), ...(instead && { instead }) });
}

describe('what was asked for goes to stdout and ends with 0', () => {
  it.each([
    ['--version', /^1\.2\.3\n$/],
    ['-V', /^1\.2\.3\n$/],
    ['--help', /^Usage: crossbill <verb> \[options\][\s\S]*\n {2}backfill {7}fill history/],
    ['help report', /^Usage: crossbill report \[options\][\s\S]*--by <dimensions>/],
    ['run --help', /--config <file> +the configuration \(default: "crossbill\.yaml"\)/],
    ['demo --help', /--listen <address>.*127\.0\.0\.1:9870/],
    ['check --help', /--json/],
    ['backfill --help', /--from <time>.*-30d/],
    ['report --help', /--csv/],
  ])('crossbill %s', async (line, text) => {
    const process = crossbill();
    expect(await process.run(...line.split(' '))).toBe(0);
    expect(process.out.text()).toMatch(text);
    expect(process.err.text()).toBe('');
  });

  it('says in the help what the exit status means', async () => {
    const process = crossbill();
    await process.run('--help');
    expect(process.out.text()).toContain('0 good, 1 failed, 2 wrong use');
  });

  it('keeps help within the terminal', async () => {
    for (const verb of ['run', 'demo', 'check', 'backfill', 'report']) {
      const process = cliProcess({ clock: createFakeClock(noon), isTerminal: true });
      await process.run(verb, '--help');
      const lines = process.out.text().split('\n');
      expect(Math.max(...lines.map((text) => text.length))).toBeLessThanOrEqual(100);
    }
  });
});

describe('wrong use goes to stderr with what to write instead and ends with 2', () => {
  it.each([
    ['no verb', '', 'Usage: crossbill <verb>'],
    ['an unknown verb', 'rpeort', "unknown command 'rpeort'\n(Did you mean report?)"],
    ['a verb like no other', 'launch', '`crossbill --help` lists the verbs'],
    ['an unknown option', 'report --form -1d', "unknown option '--form'\n(Did you mean --from?)"],
    ['an option before its verb', '--config x check', 'options stand after the verb'],
    ['a word too many', 'check now', 'too many arguments'],
    ['an option without its value', 'report --from', "'--from <time>' argument missing"],
    ['backfill without --from', 'backfill', "required option '--from <time>' not specified"],
    ['two formats', 'report --json --csv', "'--json' cannot be used with option '--csv'"],
    ['a speed of nothing', 'demo --speed 0', 'It must be a number above 0.'],
    ['a demo for all the world', 'demo --listen 0.0.0.0:9870', 'write 127.0.0.1:9870'],
    ['a demo at no address', 'demo --listen here', 'write 127.0.0.1:9870'],
    ['help for no verb', 'help launch', 'Usage: crossbill <verb>'],
  ])('%s', async (_name, line, message) => {
    const process = crossbill();
    expect(await process.run(...line.split(' ').filter((word) => word !== ''))).toBe(2);
    expect(process.err.text()).toContain(message);
    expect(process.out.text()).toBe('');
  });

  it('names the help of the verb that was called wrongly', async () => {
    const process = crossbill();
    await process.run('backfill');
    expect(process.err.text()).toContain('`crossbill backfill --help` tells its options.');
  });

  it.each(['run', 'check', 'backfill --from -1d', 'report'])(
    'a configuration that is not there, for %s',
    async (line) => {
      const process = crossbill();
      const argv = [...line.split(' '), '--config', '/nowhere/crossbill.yaml'];
      expect(await process.run(...argv)).toBe(1);
      expect(process.err.text()).toMatch(/^\/nowhere\/crossbill\.yaml: cannot be read: .*--config/);
      expect(process.out.text()).toBe('');
    },
  );

  it.each(['run', 'check', 'check --json', 'backfill --from -1d', 'report'])(
    'a configuration with a mistake, for %s',
    async (line) => {
      const process = crossbill();
      const config = configFile(`${good}\nledgre: sqlite:./x.db`);
      expect(await process.run(...line.split(' '), '--config', config)).toBe(1);
      expect(process.err.text()).toBe(
        `${config}:2:1 ledgre: unknown key; did you mean "ledger"?\n`,
      );
      expect(process.out.text()).toBe('');
    },
  );
});

describe('what fails goes to stderr and ends with 1', () => {
  it('a ledger that cannot be written, with what to check', async () => {
    const process = crossbill();
    const config = configFile(`${good}\nledger: sqlite:/nowhere/crossbill.db`);
    expect(await process.run('run', '--config', config)).toBe(1);
    expect(process.err.text()).toMatch(/^\/nowhere\/crossbill\.db: .*Check that the folder exists/);
    expect(process.out.text()).toBe('');
  });

  it.each([
    ['an error of ours', new LedgerError('corrupt', 'x.db: is damaged. Restore a backup.')],
    ['whatever is thrown', 'x.db: is damaged. Restore a backup.'],
  ])('%s, as its message', async (_name, thrown) => {
    const process = crossbill({ openLedger: () => Promise.reject(thrown) });
    expect(await process.run('run', '--config', configFile(good))).toBe(1);
    expect(process.err.text()).toBe('x.db: is damaged. Restore a backup.\n');
  });
});
