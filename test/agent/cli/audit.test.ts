import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { auditNow, auditWorld, auditedAccount } from '../../support/audit-world.ts';
import { cliProcess, temporaryFolder } from '../../support/cli-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const confirmed = 'contracts: { openai.input_includes_cached: true }';

async function audit(more: string, ...argv: readonly string[]) {
  const { config } = auditWorld(more);
  const process = cliProcess({ clock: createFakeClock(auditNow), isTerminal: true });
  const status = await process.run('audit', '--config', config, ...argv);
  return { status, out: process.out.text(), err: process.err.text() };
}

const document = z.object({
  summary: z.looseObject({ headline: z.string() }),
  rows: z.array(z.looseObject({ class: z.string(), token_type: z.string().nullable() })),
});

async function rowsOf(more: string) {
  const { out } = await audit(more, '--json');
  return document.parse(JSON.parse(out)).rows;
}

async function pack(...argv: readonly string[]) {
  const folder = join(temporaryFolder(), 'pack');
  const { status } = await audit(confirmed, '--evidence', folder, ...argv);
  const files = new Map(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
  return { status, folder, files };
}

/** A CSV without quotes as rows by column. */
function csvRows(text = ''): readonly Readonly<Record<string, string>>[] {
  const [head = '', ...lines] = text.trim().split('\r\n');
  const names = head.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, at) => [name, cells[at] ?? '']));
  });
}

describe('audit', () => {
  it('finds cached tokens that are rated twice, in the figures of the report', async () => {
    const { status, out } = await audit(confirmed);
    expect(status).toBe(0);
    expect(out).toMatch(
      /^2026-10-01 to 2026-11-19: \$0\.24 billed, 53\.1 % explained, \$0\.11 not\n/,
    );
    expect(out).toMatch(/^cached_rated_twice +1 +0\.11 +0\.11 +0\.11$/m);
    expect(out).toContain('2026-11-10  cached_rated_twice  $0.11');
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      "Over the model's day 20,770 input tokens are billed, the input meter itself says 20,770, and 20,766 cached tokens",
    );
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  it.each([
    ['confirmed that input holds cached tokens', confirmed, 'cached_rated_twice'],
    ['nobody confirmed', '', 'cached_ambiguous'],
    ['confirmed that it does not', 'contracts: { openai.input_includes_cached: false }', 'in_line'],
  ])('%s: the input meter is %s', async (_, more, name) => {
    const rows = await rowsOf(more);
    expect(rows.map((row) => [row.token_type, row.class])).toEqual([
      ['cache_read', 'in_line'],
      ['cache_write', 'in_line'],
      ['input', name],
      ['output', 'in_line'],
    ]);
  });

  it('writes rows for spreadsheets', async () => {
    const { out } = await audit(confirmed, '--csv', '--from', '2026-11-10', '--to', '2026-11-11');
    expect(out).toMatch(
      /^day,cloud,account,resource,region,model,meter,token_type,metered_quantity,/,
    );
    expect(out).toContain(`2026-11-10,aws,${auditedAccount},,us-east-1,openai/gpt-5.6-sol,`);
  });

  it('says what to do where there is nothing', async () => {
    const { out } = await audit('', '--from', '2026-01-01', '--to', '2026-02-01');
    expect(out).toContain('January 2026: $0 billed');
    expect(out).toContain('crossbill sources');
  });

  it.each([
    [['--full'], '--full is about --evidence DIR'],
    [['--from', '2026-11-11', '--to', '2026-11-10'], 'must lie before --to'],
  ])('refuses %j', async (argv, says) => {
    const { status, err } = await audit('', ...argv);
    expect([status, err]).toEqual([2, expect.stringContaining(says)]);
  });
});

describe('the evidence pack', () => {
  it('says first what is assumed, and hides who it is about', async () => {
    const { files } = await pack();
    expect([...files.keys()]).toEqual([
      'SHA256SUMS',
      'SUMMARY.md',
      'bill-lines.csv',
      'commands.sh',
      'day-meter.csv',
      'hourly.csv',
    ]);
    const summary = files.get('SUMMARY.md') ?? '';
    const assumed = summary.indexOf('## What is assumed');
    expect(assumed).toBeGreaterThan(0);
    expect(assumed).toBeLessThan(summary.indexOf('## What was found'));
    for (const text of files.values()) expect(text).not.toContain(auditedAccount);
    expect(files.get('day-meter.csv')).toContain('account-1');
  });

  it('can be checked by hand: hours add up to the day, and the bill to its quantity', async () => {
    const { files } = await pack();
    const hours = csvRows(files.get('hourly.csv'));
    const sum = (name: string) => hours.reduce((all, row) => all + Number(row[name]), 0);
    expect([sum('input_meter_tokens'), sum('input_tokens')]).toEqual([20_770, 4]);
    const line = csvRows(files.get('bill-lines.csv')).find((row) => row['token_type'] === 'input');
    const tokens = Number(line?.['quantity']) * Number(line?.['tokens_per_unit']);
    expect(Math.round(tokens)).toBe(20_770);
    const cached = sum('cache_read_tokens') + sum('cache_write_tokens');
    expect((cached * Number(line?.['cost'])) / tokens).toBeCloseTo(0.114213, 9);
    expect(files.get('day-meter.csv')).toMatch(/,input,4,20770,20766,/);
  });

  it('has the commands of the cloud for bill and readings, and with --full the real ids', async () => {
    const { files } = await pack('--full');
    const commands = files.get('commands.sh') ?? '';
    expect(commands).toContain('aws ce get-cost-and-usage');
    expect(commands).toContain(auditedAccount);
    expect(commands).toContain('aws cloudwatch get-metric-data');
    expect(commands).toContain('"Period":3600');
    expect(commands).toContain('InputTokenCount');
  });

  it('is sealed', async () => {
    const { files } = await pack();
    const sums = (files.get('SHA256SUMS') ?? '').trim().split('\n');
    expect(sums).toHaveLength(files.size - 1);
    for (const sum of sums) {
      const [hash, name = ''] = sum.split('  ');
      const text = files.get(name) ?? '';
      expect(createHash('sha256').update(text).digest('hex')).toBe(hash);
    }
  });

  it('is the same the next time, and never written over anything', async () => {
    const first = await pack();
    const second = await pack();
    expect(second.files).toEqual(first.files);
    const { status, err } = await audit(confirmed, '--evidence', first.folder);
    expect([status, err]).toEqual([2, expect.stringContaining('is not empty')]);
  });
});
