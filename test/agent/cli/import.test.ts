import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { openLedger, openLedgerReader } from '../../../exporters/sqlite/ledger.ts';
import {
  afterOctober,
  billFile,
  billFixture,
  csvText,
  curRow,
  lineText,
} from '../../support/bill-files.ts';
import type { Cells } from '../../support/bill-files.ts';
import { cliProcess, configFile } from '../../support/cli-world.ts';
import type { CliProcess } from '../../support/cli-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

vi.setConfig({ testTimeout: 60_000 });

const interpretation = createInterpretation(new Map(), {
  openaiInputIncludesCached: true,
  bedrockInvocations: 'accepted',
});
const october = { start: Date.UTC(2026, 9, 1), end: Date.UTC(2026, 10, 1) };

function world() {
  const clock = createFakeClock(afterOctober);
  const config = configFile(
    'ledger: sqlite:./crossbill.db\nsources: [{ name: prod, type: aws }]\n',
  );
  const ledger = join(dirname(config), 'crossbill.db');
  return {
    ledger,
    config,
    run: async (...argv: readonly string[]): Promise<CliProcess & { readonly status: number }> => {
      const process = cliProcess({ clock });
      const status = await process.run('import', '--config', config, ...argv);
      expect([...process.open]).toEqual([]);
      return { ...process, status };
    },
    bills: async () => {
      const reader = openLedgerReader(ledger, interpretation);
      try {
        return await reader.bills(october);
      } finally {
        reader.close();
      }
    },
  };
}

const file = (...rows: readonly Cells[]): string => billFile(csvText(rows));

describe('import', () => {
  it('writes a bill and says what came in and what did not', async () => {
    const { run, bills } = world();
    const { status, out, err } = await run(billFixture('cur2.csv'));
    expect(status, err.text()).toBe(0);
    const text = out.text();
    expect(text).toContain(
      'cur2.csv: AWS CUR 2.0 as CSV, 13 rows\n13 rows read, 11 rows of models\n',
    );
    expect(text).toContain('left out: 2 rows of other services (AmazonEC2 1, AmazonS3 1)\n');
    expect(text).toContain(
      'aws 111122223333, 2026-10-01 – 2026-10-31: 10 lines from 11 rows, invoiced\n',
    );
    expect(text).toContain('  1 row of another period on its first day\n');
    expect(text).toMatch(/ {2}usage +5 +3\.24328 +3\.23128 {2}USD\n/);
    expect(text).toMatch(/ {2}credit +1 +-0\.5 +-0\.5 {2}USD\n/);
    expect(text).toMatch(/\n1 billing period written\n$/);
    const lines = await bills();
    expect(lines).toHaveLength(10);
    const meanings = lines.flatMap(({ meaning }) =>
      typeof meaning === 'string' ? [] : `${meaning.model} ${meaning.item} ${meaning.perUnit}`,
    );
    expect(new Set(meanings)).toContain('amazon/nova-pro input 1000');
  });

  it('knows what the meters of Azure count', async () => {
    const { run, bills } = world();
    const { status, err } = await run(billFixture('focus-azure.zstd.parquet'));
    expect(status, err.text()).toBe(0);
    const known = (await bills()).flatMap(({ meaning }) =>
      typeof meaning === 'string' ? [] : `${meaning.model} ${meaning.item} ${meaning.perUnit}`,
    );
    expect(known).toContain('openai/gpt-5 output 1000000');
  });

  it('replaces what an earlier file said of the month, and nothing else', async () => {
    const { run, bills } = world();
    const other = curRow({ bill_payer_account_id: '999900001111' });
    await run(file(curRow({ line_item_unblended_cost: '1' }), other));
    await run(
      file(curRow({ line_item_usage_start_date: '2026-10-07', line_item_unblended_cost: '2' })),
    );
    const told = (await bills()).map(
      (line) => `${line.scope} ${lineText(line).slice(0, 10)} ${line.cost}`,
    );
    expect(told.toSorted()).toEqual(['111122223333 2026-10-07 2', '999900001111 2026-10-05 0.008']);
  });

  it('leaves the ledger as it was where one row cannot be read', async () => {
    const { run, bills } = world();
    await run(file(curRow()));
    const before = await bills();
    const bad = curRow({ line_item_unblended_cost: 'much' });
    const { status, out, err } = await run(file(curRow({ line_item_unblended_cost: '7' }), bad));
    expect([status, out.text()]).toEqual([1, '']);
    expect(err.text()).toContain('bills.csv, line 3, column line_item_unblended_cost: "much"');
    expect(before).toHaveLength(1);
    expect(await bills()).toEqual(before);
  });

  it('with --dry-run reads and writes nothing, beside whoever holds the ledger', async () => {
    const { run, ledger, bills } = world();
    const agent = openLedger(ledger, interpretation, afterOctober);
    const { status, out } = await run('--dry-run', billFixture('cur2.csv'));
    agent.close();
    expect(status).toBe(0);
    expect(out.text()).toMatch(/\nnothing was written, as --dry-run asks for\n$/);
    expect(await bills()).toEqual([]);
  });

  it('says that the ledger is held, before it reads', async () => {
    const { run, ledger } = world();
    const agent = openLedger(ledger, interpretation, afterOctober);
    const { status, out, err } = await run('/nowhere.csv');
    agent.close();
    expect([status, out.text()]).toEqual([1, '']);
    expect(err.text()).not.toContain('/nowhere.csv');
    expect(err.text()).toContain('crossbill.db');
  });

  it('writes one document for programs', async () => {
    const { run } = world();
    const { out } = await run('--json', billFixture('focus-azure.csv'));
    expect(JSON.parse(out.text())).toMatchObject({
      files: [{ format: 'focus', container: 'csv', rows: 6 }],
      rows: 6,
      kept: 5,
      left_out: [{ reason: 'other_service', name: 'Virtual Machines', rows: 1 }],
      statements: [
        {
          source: 'focus',
          cloud: 'azure',
          from: '2026-10-01',
          to: '2026-11-01',
          final: true,
          moved: 1,
          written: true,
          sums: [
            {
              record_type: 'usage',
              currency: 'EUR',
              lines: 3,
              cost: '5.147860000000000001',
              amortized_cost: '5.147860000000000001',
            },
            { record_type: 'adjustment', currency: 'EUR', cost: '-1.1' },
          ],
        },
      ],
    });
  });

  it('says what a month that goes on, or ends early, means', async () => {
    const { run } = world();
    const november = {
      bill_billing_period_start_date: '2026-11-01',
      bill_billing_period_end_date: '2026-12-01',
      line_item_usage_start_date: '2026-11-20',
    };
    const { out } = await run(file(curRow(), curRow(november)));
    expect(out.text()).toContain(
      'the last charge of any service is of 2026-10-05; the days after it count as billed nothing',
    );
    expect(out.text()).toContain('2026-11-01 – 2026-11-20: 1 line from 1 row, may still change');
    expect(out.text()).toContain('the period goes on to 2026-11-30');
  });

  it('warns where other parts of an export seem to be missing', async () => {
    const { run } = world();
    const [first, second] = [1, 2].map((part) =>
      billFile(csvText([curRow()]), `octobers-0000${part}.csv`),
    );
    expect((await run(second ?? '')).err.text()).toContain(
      'note: by their numbers these are 1 of at least 2 parts; name all parts',
    );
    expect((await run(first ?? '', second ?? '')).err.text()).not.toContain('note: ');
  });

  it('says that nothing of AWS or Azure is in a file', async () => {
    const { run } = world();
    const { status, err } = await run(billFixture('focus-1.5-third-party-model.csv'));
    expect(status).toBe(1);
    expect(err.text()).toContain('no row of AWS or Azure in it, so nothing was written\n');
  });

  it('is wrong use without a file, or with one twice', async () => {
    const { run } = world();
    expect((await run()).status).toBe(2);
    const twice = await run('a.csv', 'a.csv');
    expect(twice.status).toBe(2);
    expect(twice.err.text()).toContain('a.csv is named twice');
  });

  it('stops at Ctrl-C and leaves the ledger as it was', async () => {
    const { run, bills, config } = world();
    await run(file(curRow()));
    const before = await bills();
    const process = cliProcess({ clock: createFakeClock(afterOctober) });
    process.stop.abort();
    expect(await process.run('import', '--config', config, billFixture('cur2.csv'))).toBe(1);
    expect(process.err.text()).toContain('stopped; nothing was written\n');
    expect(process.out.text()).toBe('');
    expect(before).toHaveLength(1);
    expect(await bills()).toEqual(before);
  });
});
