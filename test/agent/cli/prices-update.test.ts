import { describe, expect, it, vi } from 'vitest';
import type { Platform } from '../../../agent/cli/platform.ts';
import { ExternalError } from '../../../agent/core/errors.ts';
import { dayMs } from '../../../agent/core/time.ts';
import { cliProcess } from '../../support/cli-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { day0 } from '../../support/ledger-world.ts';
import { doubled, is, listWith, noon, priceWorld, slightly, sonnet } from './price-world.ts';

// The lists come over real HTTP.
vi.setConfig({ testTimeout: 60_000 });

describe('prices update', () => {
  it('shows what it would take, and stops where nobody can be asked', async () => {
    const { prices } = await priceWorld();
    const first = await prices(['update']);
    expect(first.status).toBe(1);
    expect(first.out).toMatch(
      /^AWS Price List \d+, fetched 2026-11-10 12:00 UTC: \d+ added, 0 unchanged\n/,
    );
    expect(first.out).toMatch(/^anthropic\/claude-sonnet-4-6 {2}\d+ added$/m);
    expect(first.err).toMatch(
      /^nothing was taken: nobody is here to ask\. `crossbill prices update --yes` takes the \d+ changes/,
    );
    const summary = await prices([]);
    expect(summary.out).toMatch(/^AWS Price List +– +never/m);
    expect(summary.out).toMatch(/^packaged defaults +0\.\d+\.\d+ +2026/m);
  });

  it('asks on a terminal, and takes nothing but on a yes', async () => {
    const { prices } = await priceWorld();
    const asked: string[] = [];
    const answering = (answer: string): Partial<Platform> => ({
      ask: async (question) => {
        asked.push(question);
        return answer;
      },
    });
    const no = await prices(['update'], answering(''), true);
    expect([no.status, no.err]).toEqual([
      1,
      expect.stringContaining('nothing was taken; `crossbill prices diff` shows the changes again'),
    ]);
    expect(asked).toEqual([expect.stringMatching(/^\nTake the \d+ changes\? \[y\/N\] $/)]);
    expect((await prices(['diff'])).out).toMatch(/: \d+ added, 0 unchanged/);
    const yes = await prices(['update'], answering('yes'), true);
    expect(yes.status).toBe(0);
    expect(yes.out).toMatch(/\nTaken: \d+ changes\./);
    expect((await prices(['diff'])).out).toMatch(/nothing new, \d+ prices as they are in the book/);
    expect((await prices([])).out).toMatch(/^AWS Price List +\d+ +2026-11-10 +0d +\d+ +0 +\d+$/m);
  });

  it('asks nothing where there is nothing new, and notes that the list was looked at', async () => {
    const { prices, clock } = await priceWorld();
    await prices(['update', '--yes']);
    await clock.advance(dayMs);
    expect(await prices(['update'])).toMatchObject({ status: 0, err: '' });
    expect((await prices([])).out).toMatch(/^AWS Price List +\d+ +2026-11-11/m);
  });

  it('says what a new price does to 30 days before it is taken, and to the ledger after', async () => {
    const { prices } = await priceWorld();
    await prices(['update', '--yes']);
    const { out, status } = await prices(['update', '--yes'], slightly);
    expect(status).toBe(0);
    expect(out).toMatch(
      /^ {2}input: 3\.30 → 3\.00 {2}×0\.91, from 2026-11-10\n {4}aws, in_region, standard, us-east-1$/m,
    );
    // 720 million tokens of input and of output, at 16.50.
    const row = /^anthropic\/claude-sonnet-4-6 +14,256\.00 +14,040\.00 +-216\.00/gm;
    expect(out.match(row)).toHaveLength(2);
    expect(out).toMatch(/Taken: 1 change\. Rated anew, from the day each price begins:/);
    expect(out).not.toContain('acme');
  });

  it('tells a list that cannot be had with what to do, and leaves the book alone', async () => {
    const { prices } = await priceWorld();
    const { status, err, out } = await prices(['update', '--yes'], {
      createPriceList: async () => ({
        name: 'aws_price_list',
        fetch: () =>
          Promise.reject(
            new ExternalError('pricing: no answer', {
              reason: 'unreachable',
              operation: 'pricing:GET',
              hint: 'Look at the \u001B[2J network path.',
            }),
          ),
      }),
    });
    expect([status, out]).toEqual([1, '']);
    expect(err).toMatch(
      /^AWS Price List: unreachable: pricing: no answer\n {2}Look at the .* network/,
    );
    expect(err).not.toContain('\u001B');
    expect((await prices(['diff'])).out).toBe(
      'No list was fetched yet: `crossbill prices update` fetches them.\n',
    );
  });

  it('asks for no list before it knows a region', async () => {
    const { prices } = await priceWorld();
    const { status, err } = await prices(['update', '--yes', '--source', 'azure']);
    expect(status).toBe(1);
    expect(err).toMatch(/^Azure Retail Prices: nothing is known of the regions to ask for; /);
  });

  it('stops at Ctrl-C, and the book is as it was', async () => {
    const { config, clock } = await priceWorld();
    const process = cliProcess({
      clock,
      instead: {
        createPriceList: async () => ({
          name: 'aws_price_list',
          fetch: (signal) =>
            new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => reject(new Error('stopped')));
              process.stop.abort();
            }),
        }),
      },
    });
    expect(await process.run('prices', 'update', '--config', config, '--yes')).toBe(1);
    expect(process.err.text()).toBe('stopped; the price book is as it was\n');
    expect([...process.open]).toEqual([]);
  });

  it('answers programs with every change, its money and what became of it', async () => {
    const { prices } = await priceWorld();
    await prices(['update', '--yes']);
    const document = JSON.parse((await prices(['update', '--yes', '--json'], slightly)).out);
    expect(document).toMatchObject({
      taken: true,
      lists: [
        {
          source: 'aws_price_list',
          changes: [
            {
              model: sonnet,
              region: 'us-east-1',
              token_type: 'input',
              change: 'changed',
              old_usd: 3.3,
              new_usd: 3,
              effective_from: '2026-11-10T00:00:00.000Z',
              waiting: false,
              waits_for: [],
              disputed_by: null,
            },
          ],
        },
      ],
      effect: [{ model: sonnet, before_usd: 14_256, after_usd: 14_040, difference_usd: -216 }],
      rated: [{ model: sonnet, difference_usd: -216 }],
    });
  });
});

describe('what waits for a person', () => {
  it('is shown with its reasons and not taken; accepted by its id, it is rated', async () => {
    const { prices } = await priceWorld();
    await prices(['update', '--yes']);
    const { out, status } = await prices(['update', '--yes'], doubled);
    expect(status).toBe(0);
    expect(out).not.toContain('Taken');
    const diff = await prices(['diff']);
    const [, id = ''] =
      /^ {2}([0-9a-f]{8}) {2}input: 3\.30 → 6\.60 {2}×2\.00/m.exec(diff.out) ?? [];
    expect(diff.out).toMatch(
      /waits: it moves by more than 30 %; packaged defaults say 3\.30, more/,
    );
    expect(diff.out).toContain(`\`crossbill prices accept ${id}\``);
    expect(diff.out).toMatch(/^anthropic\/claude-sonnet-4-6 +14,256\.00 +16,632\.00 +\+2,376\.00/m);
    expect((await prices([])).out).toContain('1 change of the lists waits for you:');
    const accepted = await prices(['accept', id]);
    expect(accepted.status).toBe(0);
    expect(accepted.out).toMatch(/^Taken: 1 price\. Rated anew/);
    expect(accepted.out).toMatch(
      /^anthropic\/claude-sonnet-4-6 +14,256\.00 +16,632\.00 +\+2,376\.00/m,
    );
    expect((await prices(['accept', '--all'])).out).toMatch(/^Nothing waits/);
  });

  it('is taken by model, or all of it, and only once', async () => {
    const { prices } = await priceWorld();
    await prices(['update', '--yes']);
    await prices(['update', '--yes'], doubled);
    const other = await prices(['accept', '--model', 'openai/*']);
    expect(other).toMatchObject({ status: 2, err: expect.stringContaining(sonnet) });
    expect((await prices(['accept', '--model', 'anthropic/*'])).out).toMatch(/^Taken: 1 price/);
    expect((await prices(['diff'])).out).toContain('nothing new');
    const nothing = JSON.parse((await prices(['accept', '--all', '--json'])).out);
    expect(nothing).toEqual({ taken: [], rated: [] });
  });

  it('does not drag along what was refused at the update', async () => {
    const { prices } = await priceWorld();
    await prices(['update', '--yes']);
    const both = listWith((price) => {
      if (is(price, 'input')) return [{ ...price, nanoUsd: 6_600_000_000n, from: day0 }];
      return [is(price, 'output') ? { ...price, nanoUsd: 16_000_000_000n, from: day0 } : price];
    });
    await prices(['update'], both);
    const [, id = ''] = /^ {2}([0-9a-f]{8}) {2}input/m.exec((await prices(['diff'])).out) ?? [];
    expect((await prices(['accept', id])).out).toMatch(/^Taken: 1 price/);
    expect((await prices(['diff'])).out).toMatch(/output: 16\.50 → 16\.00/);
  });

  it('ends with a price that its list no longer has, once that is accepted', async () => {
    const { prices } = await priceWorld();
    await prices(['update', '--yes']);
    const gone = listWith((price) => (is(price, 'output') ? [] : [price]));
    expect((await prices(['update', '--yes'], gone)).out).toMatch(
      /output: 16\.50 ends, from 2026-11-10 12:00[^]*waits: the list has it no longer/,
    );
    expect((await prices(['accept', '--all'])).out).toMatch(/^Taken: 1 price/);
  });

  it.each([
    [[], 'in one way'],
    [['1234abcd', '--all'], 'in one way'],
    [['--model', 'openai/*', '--all'], 'in one way'],
  ])('needs to be named: %j', async (argv, message) => {
    const process = cliProcess({ clock: createFakeClock(noon) });
    expect(await process.run('prices', 'accept', ...argv)).toBe(2);
    expect(process.err.text()).toContain(message);
  });

  it('is not found by an id of something else', async () => {
    const { prices } = await priceWorld();
    await prices(['update']);
    const { status, err } = await prices(['accept', '00000000']);
    expect([status, err]).toEqual([2, expect.stringContaining('no change is called "00000000"')]);
  });
});
