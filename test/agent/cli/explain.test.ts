import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { join } from 'node:path';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { minuteMs } from '../../../agent/core/time.ts';
import { cliProcess } from '../../support/cli-world.ts';
import { filePrices, places } from '../../support/explain-places.ts';
import { explainLedger, hour0, readAt } from '../../support/explain-world.ts';

let config = '';
let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crossbill-explain-'));
  const path = join(folder, 'ledger.db');
  (await explainLedger(places, filePrices, path)).close();
  config = join(folder, 'crossbill.yaml');
  writeFileSync(
    config,
    `ledger: sqlite:${path}\nsources: [{ name: aws, type: aws, regions: [us-east-1] }]\n`,
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (minute: number) => new Date(hour0 + minute * minuteMs).toISOString();

async function explained(columns: number | undefined, ...argv: readonly string[]) {
  const clock = { now: () => readAt, sleep: async () => {} };
  const own = cliProcess({ clock, isTerminal: columns !== undefined, ...(columns && { columns }) });
  const status = await own.run('explain', '--config', config, ...argv);
  return { status, out: own.out.text(), err: own.err.text() };
}

const chat = ['--model', 'openai/gpt-5.4', '--deployment', 'chat-zone', '--at', at(3)];
const sol = ['--model', 'openai/gpt-5.6-sol', '--region', 'us-east-1', '--routing', 'geo'];

describe('crossbill explain', () => {
  it('walks a figure back, from the money to the commands', async () => {
    const { status, out, err } = await explained(80, ...sol, '--at', at(3));
    expect([status, err]).toEqual([0, '']);
    const heads = out.split('\n').filter((line) => /^[A-Z]+( [A-Z]+)*$/.test(line));
    expect(heads).toEqual([
      'WHO',
      'TOKENS',
      'PRICES',
      'MONEY',
      'ROUNDING',
      'BILLED',
      'READINGS',
      'REVISIONS',
      'THE SAME READINGS FROM THE CLOUD',
    ]);
    expect(out).toContain(
      'input_tokens = 12,003 (r1 InputTokenCount Sum) - 3,001 (cache read) - 17',
    );
    expect(out).toMatch(
      /from genai_prices \S+ aws:regional\.openai\.gpt-5\.6-sol, from 2026-08-21/,
    );
    expect(out).toContain('to the nano-dollar');
    expect(out).toContain('aws cloudwatch get-metric-data \\\n    --region us-east-1');
  });

  it.each([80, 140])(
    'keeps to %i columns, but for what a shell must have whole',
    async (columns) => {
      for (const argv of [
        [...sol, '--at', at(10)],
        [...sol, '--at', at(0), '--step', '1h'],
        chat,
      ]) {
        const { out } = await explained(columns, ...argv);
        const told = out.split('THE SAME READINGS')[0] ?? '';
        const long = told.split('\n').filter((line) => Array.from(line).length > columns);
        expect(long).toEqual([]);
      }
    },
  );

  it('is the document of the API with --json', async () => {
    const { out } = await explained(undefined, ...chat, '--json');
    const told: unknown = JSON.parse(out);
    expect(told).toMatchObject({ model: 'openai/gpt-5.4', step: '1m', agrees: true });
  });

  it('names the filter that Azure needs between double quotes', async () => {
    const { out } = await explained(80, ...chat);
    expect(out).toContain(
      `--filter "ModelDeploymentName eq 'chat-zone' and ModelVersion eq '2026-03-01'"`,
    );
    expect(out).toContain('--metric ProcessedPromptTokens GeneratedTokens');
  });

  it.each([
    [
      'a minute of silence',
      [...sol, '--at', at(5)],
      'read and were silent; the nearest time that has something is 2026-11-10T09:03:00.000Z with step 1m',
    ],
    ['a time before all that is known', [...sol, '--at', '2026-10-01'], 'it was not read'],
    [
      'a model with a typing error',
      ['--model', 'openai/gpt-5.6-sool', '--at', at(3)],
      'did you mean "openai/gpt-5.6-sol"?',
    ],
  ])('ends with 1 for %s', async (_name, argv, said) => {
    const { status, out, err } = await explained(undefined, ...argv);
    expect([status, out]).toEqual([1, '']);
    expect(err.replaceAll('\n', ' ')).toContain(said);
  });

  it.each([
    ['without a time', sol, '--at'],
    ['without a model', ['--at', at(3)], '--model'],
    ['with a time that is none', [...sol, '--at', 'noonish'], 'is no time'],
    [
      'with a step that is none',
      [...sol, '--at', at(3), '--step', '5m'],
      'a minute is 1m, an hour is 1h',
    ],
    ['with an empty model', ['--model', ' ', '--at', at(3)], 'name a model'],
  ])('ends with 2 %s', async (_name, argv, said) => {
    const { status, out, err } = await explained(undefined, ...argv);
    expect([status, out]).toEqual([2, '']);
    expect(err).toContain(said);
  });
});
