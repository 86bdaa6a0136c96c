import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cliProcess, configFile } from '../../support/cli-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const everything = readFileSync(
  new URL('../../fixtures/config/good/everything.yaml', import.meta.url),
  'utf8',
);
const secrets = {
  SCRAPE_TOKEN: 'hunter2-scrape',
  READ_TOKEN: 'hunter2-read',
  EXTERNAL_ID: 'hunter2-external',
  STATIC_TOKEN: 'hunter2-static',
  HOOK: 'https://hook.example.org/hunter2',
  HOOK_SECRET: 'hunter2-hook',
  PD_KEY: 'hunter2-pd',
  SLACK_PATH: 'hunter2-slack',
  TEAMS_URL: 'https://teams.example.org/hunter2',
  OTLP_TOKEN: 'hunter2-otlp',
};

/** Of the configuration alone: no cloud is contacted. */
async function check(
  text: string,
  argv: readonly string[] = [],
  env = {},
  prices = 'discounts: [{ model: "openai/*", off: 15%, from: 2026-11-01 }]\n',
) {
  const process = cliProcess({ clock: createFakeClock(Date.UTC(2026, 10, 18)), env });
  const file = configFile(text);
  writeFileSync(join(dirname(file), 'agreed-prices.yaml'), prices);
  const status = await process.run('check', '--offline', '--config', file, ...argv);
  return { file, status, out: process.out.text(), err: process.err.text(), process };
}

describe('a valid configuration', () => {
  it('is said to be valid, with what the agent would do', async () => {
    const { file, status, out, err, process } = await check(`
ledger: sqlite:/var/lib/crossbill/ledger.db
listen: 127.0.0.1:9999
poll: { every: 10m, overlap: 1h30m }
sources:
  - name: prod-aws
    type: aws
    regions: [us-east-1, eu-central-1]
    roles: [{ arn: 'arn:aws:iam::111122223333:role/a' }, { arn: 'arn:aws:iam::444455556666:role/b' }]
  - { name: own, type: aws }
  - { name: prod-azure, type: azure }
  - { name: one, type: azure, subscriptions: [00000000-0000-0000-0000-000000000001] }
`);
    expect(err).toBe('');
    expect(out.split('\n')).toEqual([
      `${file}: the configuration is valid`,
      '',
      'source  prod-aws    aws: us-east-1, eu-central-1; account 111122223333, 444455556666',
      'source  own         aws: every region with Bedrock; own credentials',
      'source  prod-azure  azure: every subscription the credential sees',
      'source  one         azure: 00000000-0000-0000-0000-000000000001',
      'poll    every 10m   the newest 1h30m again each time; history back to 14d',
      'ledger  sqlite      /var/lib/crossbill/ledger.db',
      'listen  http        127.0.0.1:9999',
      '',
    ]);
    expect(status).toBe(0);
    expect([...process.open]).toEqual([]);
  });

  it('is one JSON document that tells no secret', async () => {
    const { file, status, out, err } = await check(everything, ['--json'], secrets);
    expect(err).toBe('');
    const answer = JSON.parse(out) as Readonly<Record<string, unknown>>;
    expect(answer).toMatchObject({
      file,
      valid: true,
      problems: [],
      config: {
        auth: { tokens: [{ name: 'prometheus', token: '***' }, { token: '***' }] },
        sources: [{ name: 'bedrock' }, { credential: { staticToken: '***' } }],
        budgets: [{ name: 'search-quarter' }, {}],
      },
    });
    expect(out).not.toContain('hunter2');
    expect(status).toBe(0);
  });

  it('shows no secret to people either', async () => {
    const { status, out, err } = await check(everything, [], secrets);
    expect(status).toBe(0);
    expect(`${out}${err}`).not.toContain('hunter2');
  });
});

describe('a rule that cannot fire', () => {
  it('is told with its place, what is missing and what to do', async () => {
    const { file, out, status } = await check(`
sources: [{ name: own, type: aws }]
rules:
  - { name: alive, kind: heartbeat }
  - { name: drift, kind: bill_drift, above: 10% }
  - { name: blind, kind: source_stale, above: 30m, by: [model] }
`);
    expect(out.split('\n').filter((line) => line.startsWith('note: '))).toEqual([
      `note: ${file}:5:5 rules[1]: cannot fire unless bills are imported: no source collects them; add bills to \`collect\` of a source`,
      `note: ${file}:6:5 rules[2]: \`by: [model]\` is without effect: the kind source_stale has a series each source and target`,
    ]);
    expect(status).toBe(0);
  });
});

describe('what is not acted on yet', () => {
  it('is told part by part, in the order of the file, each with its place', async () => {
    const { file, out } = await check(everything, [], secrets);
    const notes = out.split('\n').filter((line) => line.startsWith('note: '));
    const parts = notes.map((note) => note.replace(`note: ${file}:`, '').split(' ')[1]);
    expect(parts).toEqual(['sources[1].collect:']);
  });

  it('is told to programs too', async () => {
    const { file, out } = await check(
      'sources: [{ name: own, type: aws, collect: [usage, quotas] }]',
      ['--json'],
    );
    expect(JSON.parse(out)).toMatchObject({
      remarks: [
        `${file}:1:44 sources[0].collect: usage and bills are collected, quotas are not by this version yet`,
      ],
    });
  });

  it('is nothing where nothing of it is used', async () => {
    const { out } = await check('sources: [{ name: own, type: aws, collect: [usage, bills] }]');
    expect(out).not.toContain('note:');
  });
});

describe('a bad configuration', () => {
  it('is told with all its problems at once, and nothing on stdout', async () => {
    const { file, status, out, err } = await check(
      `ledgre: sqlite:./x.db
poll: { every: soon }
sources:
  - { name: prod, type: aws, regoins: [us-east-1] }
`,
      ['--json'],
    );
    expect(status).toBe(1);
    expect(out).toBe('');
    expect(err.split('\n').map((line) => line.replace(/^(\S+ \S+ ).*$/, '$1'))).toEqual([
      `${file}:1:1 ledgre: `,
      `${file}:2:16 poll.every: `,
      `${file}:4:30 sources[0].regoins: `,
      '',
    ]);
  });

  it('names the variable that is not set', async () => {
    const { status, err } = await check(
      "sources: [{ name: own, type: aws, roles: [{ arn: 'arn:aws:iam::111122223333:role/a', external_id: '${env:EXTERNAL_ID}' }] }]",
    );
    expect(status).toBe(1);
    expect(err).toContain('environment variable EXTERNAL_ID is not set');
  });
});

describe('sources that could not be started', () => {
  const config = `sources:
  - { name: first, type: azure, credential: client_secret }
  - { name: good, type: aws }
  - name: twice
    type: aws
    roles: [{ arn: 'arn:aws:iam::111122223333:role/a' }, { arn: 'arn:aws:iam::111122223333:role/b' }]`;

  it('are told one by one on stderr, and it ends with 1', async () => {
    const { status, out, err, process } = await check(config);
    expect(status).toBe(1);
    expect(out).toBe('');
    expect(err.split('\n')).toEqual([
      expect.stringMatching(/source first: .*AZURE_CLIENT_SECRET/),
      expect.stringMatching(/source twice: .* both read account 111122223333/),
      '',
    ]);
    expect([...process.open]).toEqual([]);
  });

  it('are told to programs in the document too', async () => {
    const { status, out } = await check(config, ['--json']);
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      valid: false,
      problems: [expect.stringContaining('AZURE_CLIENT_SECRET'), expect.any(String)],
    });
  });
});

describe('a prices file', () => {
  const config = `
ledger: sqlite:/var/lib/crossbill/ledger.db
sources: [{ name: own, type: aws }]
prices: { file: ./agreed-prices.yaml }
`;

  it('that is right is part of a valid configuration', async () => {
    expect((await check(config)).status).toBe(0);
  });

  it('that takes cents for dollars is refused with its line and the way out', async () => {
    const prices = `prices:
  - model: openai/gpt-5.4
    cloud: azure
    from: 2026-11-01
    usd_per_million: { input: 250, output: 1500 }
`;
    const { status, err } = await check(config, [], {}, prices);
    expect(status).toBe(1);
    expect(err).toMatch(
      /agreed-prices\.yaml:5:\d+ prices\[0\]\.usd_per_million\.input: .*confirm: true/,
    );
  });
});
