import { expect, it } from 'vitest';
import {
  billHorizonSecondsOf,
  collectSettingsOf,
  interpretationOf,
} from '../../../agent/cli/settings.ts';
import { parseConfig } from '../../../agent/config/load.ts';

const daySeconds = 86_400;

function settings(text: string) {
  const whole = `sources: [{ name: own, type: aws }]\n${text}`;
  return collectSettingsOf(parseConfig(whole, { file: '/etc/crossbill.yaml', env: {} }).config);
}

function budget(period: string): string {
  return `{ name: of-a-${period}, amount: 5 USD, period: ${period} }`;
}

it.each<[string, readonly string[], number]>([
  ['no budget', [], 14],
  ['a daily budget', ['day'], 14],
  ['a weekly budget', ['week'], 14],
  ['a monthly budget', ['month'], 31],
  ['a quarterly budget', ['quarter'], 92],
  ['budgets of every period', ['week', 'quarter', 'day', 'month'], 92],
])('backfill auto with %s goes back %s: %i days', (_name, periods, days) => {
  const budgets = `budgets: [${periods.map(budget).join(', ')}]`;
  expect(settings(budgets).backfillSeconds).toBe(days * daySeconds);
});

it('backfill as it is written wins over every budget', () => {
  const text = `poll: { backfill: 3d }\nbudgets: [${budget('quarter')}]`;
  expect(settings(text).backfillSeconds).toBe(3 * daySeconds);
});

it.each<readonly [string, string, number]>([
  ['thirteen months back', '', 396],
  ['as far back as poll.backfill says', 'poll: { backfill: 90d }', 90],
  ['a month back at least', 'poll: { backfill: 1d }', 35],
  ['thirteen months back at most', 'poll: { backfill: 1000d }', 396],
  ['no further back than days are kept', 'retention: { minute: 1d, hour: 1d, day: 20d }', 20],
])('bills are asked for %s', (_what, text, days) => {
  const whole = `sources: [{ name: own, type: aws }]\n${text}`;
  const { config } = parseConfig(whole, { file: '/etc/crossbill.yaml', env: {} });
  expect(billHorizonSecondsOf(config)).toBe(days * daySeconds);
});

it.each([
  ['5m', 900],
  ['1m', 180],
  ['10s', 60],
  ['1h', 900],
])('polled every %s, meters are listed every %i s', (every, discoverySeconds) => {
  const text = `poll: { every: ${every}, overlap: 2h }`;
  expect(settings(text)).toMatchObject({ overlapSeconds: 7_200, discoverySeconds });
});

it('minutes kept for ever are minutes however old', () => {
  const { minuteRetentionSeconds } = settings(
    'retention: { minute: forever, hour: forever, day: forever }',
  );
  expect(minuteRetentionSeconds * 1_000).toBeGreaterThan(Date.UTC(9999, 0));
});

it('aliases and contracts decide what the ledger makes of a reading', () => {
  const versionsOf = (text: string) => {
    const whole = `sources: [{ name: own, type: aws }]\n${text}`;
    const { config } = parseConfig(whole, { file: '/etc/crossbill.yaml', env: {} });
    const { identityVersion, contractVersion } = interpretationOf(config);
    return { identityVersion, contractVersion };
  };
  const plain = versionsOf('');
  const named = versionsOf("models: { aliases: { 'aws/tuned-7b': mistral/7b-instruct } }");
  const counted = versionsOf('contracts: { bedrock.invocations: successful }');
  expect(named.identityVersion).not.toBe(plain.identityVersion);
  expect(named.contractVersion).toBe(plain.contractVersion);
  expect(counted.contractVersion).not.toBe(plain.contractVersion);
  // A default that is written down is confirmed, and derives what it derived before.
  const confirmed = versionsOf('contracts: { openai.input_includes_cached: true }');
  expect(confirmed).toEqual(plain);
});
