import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { describeConfig } from '../../../agent/config/describe.ts';
import { loadConfig, parseConfig } from '../../../agent/config/load.ts';
import { ruleKindNames } from '../../../agent/config/rule-kinds.ts';
import type { Config } from '../../../agent/config/schema.ts';
import { env, fixtures, goodFixture } from './read-fixtures.ts';

function load(name: string): Config {
  return loadConfig(goodFixture(name).path, { env }).config;
}

describe('a good configuration', () => {
  it.each(fixtures('good'))('$name: loads', ({ path }) => {
    expect(loadConfig(path, { env }).config.sources.length).toBeGreaterThan(0);
  });

  it.each(fixtures('good'))('$name: shows no secret however it is printed', ({ path }) => {
    const loaded = loadConfig(path, { env });
    const printed = [
      JSON.stringify(loaded),
      JSON.stringify(loaded.config),
      JSON.stringify(describeConfig(loaded.config)),
      inspect(loaded, { depth: Infinity, showHidden: true }),
      inspect(loaded, { depth: Infinity, customInspect: false }),
      ...loaded.config.notifiers.map((notifier) => `${notifier.name} ${String(notifier.url)}`),
    ].join('\n');
    expect(printed).not.toMatch(/sesame|a-literal-secret/);
  });

  it('needs a source and nothing else', () => {
    expect(describeConfig(load('smallest'))).toEqual({
      listen: { host: '127.0.0.1', port: 9870 },
      insecureHttp: false,
      allowedHosts: [],
      auth: { tokens: [], session: { idleSeconds: 43_200, longestSeconds: 604_800 } },
      requestsPerSecond: 200,
      ledger: { path: join(dirname(goodFixture('smallest').path), 'crossbill.db') },
      poll: { everySeconds: 300, overlapSeconds: 1800, backfillSeconds: 'auto' },
      retention: { minuteSeconds: 1_296_000, hourSeconds: 34_560_000, daySeconds: 'forever' },
      apiSpendLimit: 'auto',
      sources: [
        {
          name: 'prod',
          type: 'aws',
          regions: 'auto',
          roles: [],
          collect: ['usage'],
          linkedAccounts: false,
        },
      ],
      models: { aliases: {} },
      contracts: {
        openaiInputIncludesCached: true,
        openaiInputConfirmed: false,
        bedrockInvocations: 'accepted',
      },
      prices: { update: 'never', confirmAbove: 0.3 },
      currencies: [],
      teams: [],
      budgets: [],
      rules: [],
      notifiers: [],
      exporters: [],
      log: { level: 'info', format: 'auto' },
    });
  });

  it('keeps what YAML would read as a number, a flag or a date as it was typed', () => {
    const { sources, teams } = load('values-kept-as-typed');
    expect(sources[0]?.name).toBe('2026');
    expect(teams).toEqual([
      {
        kind: 'named',
        name: 'yes',
        match: {
          account: ['011122223333'],
          deployment: ['1e3', '0x1F', 'true'],
          'tag.from': ['2026-11-01'],
        },
      },
    ]);
  });

  it('resolves references in any value, also within a longer text', () => {
    const { listen, poll, sources, teams } = load('references-everywhere');
    expect(listen.port).toBe(9871);
    expect(poll.everySeconds).toBe(420);
    expect(sources).toMatchObject([{ name: 'from-env', type: 'aws', regions: ['us-east-2'] }]);
    expect(teams).toMatchObject([{ name: '${env:NAME} is not looked up' }]);
  });

  it('may repeat itself by YAML anchors', () => {
    expect(load('yaml-anchors').sources).toMatchObject([
      { regions: ['us-east-1', 'us-west-2'] },
      { regions: ['us-east-1', 'us-west-2'] },
    ]);
  });

  it('has Windows line ends and a byte order mark like any other', () => {
    const text = `\uFEFF${goodFixture('everything').text.replaceAll('\n', '\r\n')}`;
    const { file, config } = parseConfig(text, { file: goodFixture('everything').path, env });
    expect(describeConfig(config)).toEqual(describeConfig(loadConfig(file, { env }).config));
  });
});

describe('a configuration with every key', () => {
  const config = load('everything');
  const folder = dirname(goodFixture('everything').path);

  it('has its paths counted from its own folder', () => {
    expect(config.ledger.path).toBe(join(folder, 'data/ledger.db'));
    expect(config.prices.file).toBe(join(folder, 'agreed-prices.yaml'));
    expect(config.tls).toEqual({
      cert: join(folder, 'tls/cert.pem'),
      key: '/etc/crossbill/key.pem',
    });
  });

  it('has its spans in seconds and its money in nano-dollars', () => {
    expect(config.poll).toEqual({
      everySeconds: 600,
      overlapSeconds: 5400,
      backfillSeconds: 3_024_000,
    });
    expect(config.retention).toEqual({
      minuteSeconds: 864_000,
      hourSeconds: 1_209_600,
      daySeconds: 63_072_000,
    });
    expect(config.apiSpendLimit).toEqual({ nanoUsdPerDay: 2_500_000_000n });
    expect(config.currencies).toEqual([
      { currency: 'EUR', nanoUsd: 1_090_000_000n, from: Date.UTC(2026, 10, 1) },
      { currency: 'EUR', nanoUsd: 1_105_000_000n, from: Date.UTC(2026, 11, 1) },
      { currency: 'JPY', nanoUsd: 6_600_000n, from: Date.UTC(2026, 10, 1) },
    ]);
  });

  it('has sources told apart by type, with ids in one spelling', () => {
    const [aws, azure] = config.sources;
    expect(aws).toMatchObject({ type: 'aws', regions: ['us-west-2', 'eusc-de-east-1'] });
    expect(aws?.type === 'aws' && aws.roles.map((role) => role.externalId?.reveal())).toEqual([
      'sesame-external',
      undefined,
    ]);
    expect(azure).toMatchObject({
      type: 'azure',
      batch: true,
      subscriptions: ['0000000a-0000-0000-0000-000000000002'],
    });
  });

  it('has the share by which a listed price may move unasked as a ratio', () => {
    expect(config.prices).toMatchObject({ update: 'daily', confirmAbove: 0.125 });
  });

  it('has budgets with ratios and windows', () => {
    expect(config.budgets).toMatchObject([
      {
        amount: { unit: 'USD', nanoUsd: 12_500_500_000_000n },
        period: 'quarter',
        timezone: 'Asia/Kolkata',
        match: { team: ['search'], model: ['openai/*'], 'tag.stage': ['prod'] },
        alerts: [
          { kind: 'actual', ratio: 0.665, severity: 'page' },
          { kind: 'forecast', ratio: 1.1, severity: 'warning' },
          { kind: 'burn_rate', rate: 2.5, overSeconds: [1800, 21_600], severity: 'info' },
        ],
      },
      {
        name: 'tokens-of-{account}',
        forEach: 'account',
        amount: { unit: 'tokens', tokens: 1_500_000_000 },
      },
    ]);
  });

  it('has a rule of each kind, its threshold in the unit of its kind', () => {
    expect(config.rules.map(({ kind }) => kind).toSorted()).toEqual(ruleKindNames.toSorted());
    expect(config.rules.find(({ name }) => name === 'throttled')).toEqual({
      name: 'throttled',
      kind: 'throttle_ratio',
      above: { unit: 'ratio', value: 0.02 },
      forSeconds: 600,
      by: ['model', 'region', 'tag.stage'],
      minRequests: 250,
      minNanoUsd: undefined,
      severity: 'page',
      runbook: 'https://wiki.example.org/throttled',
      notify: ['pager'],
    });
    const above = (name: string) => config.rules.find((rule) => rule.name === name)?.above;
    expect(above('slow')).toEqual({ unit: 'milliseconds', value: 2500 });
    expect(above('blind')).toEqual({ unit: 'seconds', value: 2700 });
    expect(above('no-price')).toEqual({ unit: 'tokens', value: 1_000_000 });
    expect(above('odd')).toEqual({ unit: 'factor', value: 3.5 });
    expect(above('slowed')).toBeUndefined();
  });

  it('has secrets that tell themselves when asked', () => {
    const told = config.notifiers.map((notifier) => [notifier.type, notifier.url?.reveal()]);
    expect(told).toEqual([
      ['webhook', 'https://hooks.example.org/sesame-hook'],
      ['pagerduty', 'https://pd.example.org'],
      ['slack', 'https://hooks.example.org/sesame-slack'],
      ['teams', 'https://teams.example.org/sesame-teams'],
      ['alertmanager', 'http://alertmanager.monitoring.svc:9093'],
    ]);
    expect(config.auth.tokens.map(({ token }) => token.reveal())).toEqual([
      'sesame-scrape',
      'sesame-read',
    ]);
    expect(config.exporters[0]?.headers['authorization']?.reveal()).toBe('Bearer sesame-otlp');
  });

  it('describes itself in dollars', () => {
    expect(describeConfig(config)).toMatchObject({
      apiSpendLimit: { usdPerDay: '2.5' },
      budgets: [{ amount: { unit: 'USD', usd: '12500.5' } }, {}],
      notifiers: [{ url: '***', secret: '***' }, { routingKey: '***' }, {}, {}, {}],
    });
  });
});
