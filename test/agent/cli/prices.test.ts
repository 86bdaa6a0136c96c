import { describe, expect, it, vi } from 'vitest';
import { dayMs } from '../../../agent/core/time.ts';
import { cliProcess } from '../../support/cli-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { doubled, noon, priceWorld, slightly, sonnet } from './price-world.ts';

// The lists come over real HTTP.
vi.setConfig({ testTimeout: 60_000 });

describe('beside a running agent', () => {
  it('reading words run, and writing ones say that the ledger is held', async () => {
    const { prices, open } = await priceWorld();
    await prices(['update', '--yes']);
    const agent = open();
    for (const words of [[], ['diff'], ['show', sonnet]]) {
      expect(await prices(words)).toMatchObject({ status: 0, err: '' });
    }
    for (const words of [
      ['update', '--yes'],
      ['accept', '--all'],
    ]) {
      const { status, err } = await prices(words);
      expect([status, err]).toEqual([1, expect.stringContaining('the ledger is held')]);
    }
    agent.close();
  });
});

describe('prices', () => {
  it('says which tokens have no price, and why', async () => {
    const { prices } = await priceWorld();
    expect((await prices([])).out).toMatch(/^acme\/unheard-of +1,440,000,000 +not rated yet$/m);
    await prices(['update', '--yes']);
    const { out } = await prices([]);
    expect(out).toMatch(/last 30 days \(50 % of all have one\):/);
    expect(out).toMatch(/^acme\/unheard-of +1,440,000,000 +no source names this model$/m);
    const document = JSON.parse((await prices(['--json'])).out);
    expect(document.last_30_days).toEqual({
      tokens: 2_880_000_000,
      unpriced: [
        {
          model: 'acme/unheard-of',
          reason: 'unknown_model',
          items: [],
          tokens: 1_440_000_000,
        },
      ],
    });
  });

  it('says when a book is over 30 days old, not before', async () => {
    const { prices, clock } = await priceWorld();
    await prices(['update', '--yes']);
    await clock.advance(30 * dayMs);
    expect((await prices([])).out).not.toContain('days old');
    await clock.advance(dayMs);
    expect((await prices([])).out.replaceAll('\n', ' ')).toContain(
      'AWS Price List: 31 days old; `crossbill prices update` fetches it anew',
    );
  });

  it('keeps to the width of a terminal', async () => {
    const { prices } = await priceWorld('prices: { file: ./prices.yaml }');
    await prices(['update', '--yes']);
    await prices(['update', '--yes'], doubled);
    for (const words of [[], ['diff'], ['show', sonnet], ['show', 'openai/gpt-5.6-sol']]) {
      const { out } = await prices(words, {}, true);
      const widest = Math.max(...out.split('\n').map((line) => Array.from(line).length));
      expect([words, widest <= 80]).toEqual([words, true]);
    }
  });
});

describe('prices show', () => {
  it('shows what the ledger rates, and every step to it', async () => {
    const { prices } = await priceWorld('prices: { file: ./prices.yaml }');
    await prices(['update', '--yes']);
    const { out } = await prices(['show', 'claude-sonnet-4-6']);
    expect(out).toContain(
      `${sonnet} (asked for as claude-sonnet-4-6), by the prices of 2026-11-10`,
    );
    expect(out).toMatch(/^input +2\.97 +2\.97 +2\.97 +AWS Price List, discount$/m);
    expect(out).toMatch(/^input → 2\.97$/m);
    expect(out).toMatch(
      /^ +used: 3\.30: AWS Price List .*, for us-east-1, in_region, standard, aws, since 2026-08-21$/m,
    );
    expect(out).toMatch(/^ +below: 3\.30: packaged defaults, a source that stands below that of /m);
    expect(out).toMatch(/^ +not for it: \d+ of another routing \(geo, global\)/m);
    expect(out).toMatch(/^ +less 10 %: prices\.yaml:2$/m);
    expect((await prices(['show', sonnet, '--all'])).out).toMatch(
      /^ +not for it: 3\.00: AWS Price List .*, of another routing$/m,
    );
  });

  it('tells programs every step', async () => {
    const { prices } = await priceWorld();
    await prices(['update', '--yes']);
    const document = JSON.parse((await prices(['show', sonnet, '--json'])).out);
    expect(document).toMatchObject({ model: sonnet, traffic_from: 'ledger' });
    const [traffic] = document.traffic;
    expect(traffic).toMatchObject({ cloud: 'aws', region: 'us-east-1', routing: 'in_region' });
    expect(traffic.rates.usd_per_million.input).toMatchObject({ low: 3.3, best: 3.3, high: 3.3 });
    const [step] = traffic.steps;
    const outcomes = step.possible[0].look_ups[0].candidates.map(
      ({ outcome }: { outcome: { kind: string } }) => outcome.kind,
    );
    expect(new Set(outcomes)).toEqual(new Set(['used', 'outranked', 'other_traffic']));
  });

  it('goes by the time that is asked for', async () => {
    const { prices } = await priceWorld();
    await prices(['update', '--yes']);
    await prices(['update', '--yes'], slightly);
    const rate = async (...at: readonly string[]) =>
      /^input → (\S+)$/m.exec((await prices(['show', sonnet, ...at])).out)?.[1];
    expect(await rate()).toBe('3.00');
    expect(await rate('--at', '2026-11-09')).toBe('3.30');
  });

  it('explains traffic that the ledger does not have', async () => {
    const { prices } = await priceWorld();
    await prices(['update', '--yes']);
    const { out } = await prices(['show', 'openai/gpt-5.4', '--cloud', 'azure', '--tier', 'batch']);
    expect(out.replaceAll('\n', ' ')).toContain(
      'The ledger has no such traffic in the last 30 days',
    );
    expect(out).toMatch(/^ {2}instead global, standard × 0\.5$/m);
    expect(out).toMatch(/^input → 1\.25; requests over [\d,]+ input tokens: 2\.50$/m);
  });

  it('says of a model that has no price that it has none', async () => {
    const { prices } = await priceWorld();
    await prices(['update', '--yes']);
    const { out, status } = await prices(['show', 'acme/unheard-of']);
    expect(status).toBe(0);
    expect(out).toContain(
      'Tokens without a price are counted, never 0: no source names this model.',
    );
    expect(out).toMatch(/^input → no price$/m);
  });

  it.each([
    ['claude-sonet-4-6', 'did you mean "anthropic/claude-sonnet-4-6"?'],
    ['claude-sonnet', 'write one of anthropic/claude-sonnet-4'],
    ['xyzzy', 'write a canonical name'],
  ])('names what was meant by %s', async (word, advice) => {
    const { prices } = await priceWorld();
    await prices(['update', '--yes']);
    const { status, err } = await prices(['show', word]);
    expect([status, err]).toEqual([2, expect.stringContaining(advice)]);
  });
});

describe('wrong use', () => {
  it.each([
    ['shwo', 'did you mean "show"?'],
    ['--json show openai/gpt-5.4', 'write --json after show'],
    ['show openai/gpt-5.4 --cloud gcp', 'Allowed choices are aws, azure'],
    ['show', "missing required argument 'model'"],
    ['update --soruce aws', 'Did you mean --source?'],
    ['diff now', 'too many arguments'],
  ])('prices %s', async (line, message) => {
    const process = cliProcess({ clock: createFakeClock(noon) });
    expect(await process.run('prices', ...line.split(' '))).toBe(2);
    expect(process.err.text()).toContain(message);
  });
});
