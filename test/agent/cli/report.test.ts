import { describe, expect, it } from 'vitest';
import { report } from '../../../agent/cli/report.ts';
import type { ReportRequest } from '../../../agent/cli/report.ts';
import { WrongUseError } from '../../../agent/cli/wrong-use.ts';
import type { Calibration } from '../../../agent/core/calibration.ts';
import { dayMs, hourMs, isoUtc, minuteMs } from '../../../agent/core/time.ts';
import { usageColumns } from '../../../agent/query/usage.ts';
import { withCapacity } from '../../support/api-world.ts';
import { coveredSpan, identityRow, memoryReader } from '../../support/memory-reader.ts';
import type { MemoryLedger } from '../../support/memory-reader.ts';
import { memoryTerminal } from '../../support/memory-terminal.ts';

const now = Date.UTC(2026, 10, 23, 12);
const start = now - 2 * hourMs;

/** A small model with a long name on Azure, a large one on AWS whose cache nobody meters. */
const ledger: MemoryLedger = {
  identities: [
    identityRow({
      id: 1,
      cloud: 'azure',
      model: 'openai/text-embedding-3-large',
      deployment: 'embeddings-of-the-whole-library-in-production',
      tags: { owner: '\u001B[2Jme' },
    }),
    identityRow({ id: 2, reports: new Set(['unsplitInput', 'output', 'requests'] as const) }),
  ],
  amounts: [
    {
      identityId: 1,
      start,
      period: 'minute',
      amounts: { input: 1_234_567, cacheRead: 1_000, output: 20, requests: 3 },
    },
    {
      identityId: 2,
      start: start + hourMs,
      period: 'minute',
      amounts: { unsplitInput: 98_765_432, output: 400, requests: 5 },
    },
  ],
  latency: [],
  coverage: [1, 2].flatMap((id) => [
    coveredSpan(id, { start: now - dayMs, end: now - 6 * hourMs }),
    coveredSpan(id, { start: now - 6 * hourMs, end: now - 8 * minuteMs }, { settled: false }),
  ]),
};

function calibrationOf(from: number): Calibration {
  return {
    cloud: 'azure',
    account: '111122223333',
    model: 'openai/text-embedding-3-large',
    unsplit: { readPpm: 1, writePpm: 0 },
    positions: {},
    from,
    learntFrom: { start: from - 30 * dayMs, end: from },
    days: 30,
    learntAt: from,
  };
}

async function reportOf(
  request: ReportRequest,
  change: {
    readonly columns?: number;
    readonly demo?: boolean;
    readonly terminal?: boolean;
    readonly ledger?: MemoryLedger;
  } = {},
) {
  const out = memoryTerminal(change.columns ?? 120, change.terminal ?? true);
  const err = memoryTerminal(80);
  await report(request, {
    reader: memoryReader(change.ledger ?? ledger),
    teams: [],
    now,
    demo: change.demo ?? false,
    out,
    err,
  });
  return { out: out.text(), err: err.text() };
}

describe('for people', () => {
  it('is a table of the last day, the largest first, with a total and how fresh it is', async () => {
    const { out, err } = await reportOf({});
    expect(out.split('\n')).toEqual([
      '2026-11-22 12:00 – 2026-11-23 12:00 UTC, by model, cloud',
      '',
      'MODEL                          CLOUD      INPUT  CACHE READ  CACHE WRITE  OUTPUT  UNSPLIT INPUT   ALL TOKENS  REQUESTS',
      '─────────────────────────────  ─────  ─────────  ──────────  ───────────  ──────  ─────────────  ───────────  ────────',
      'anthropic/claude-sonnet-4.6    aws            –           –            –     400     98,765,432   98,765,832         5',
      'openai/text-embedding-3-large  azure  1,234,567       1,000            0      20              0    1,235,587         3',
      '─────────────────────────────  ─────  ─────────  ──────────  ───────────  ──────  ─────────────  ───────────  ────────',
      'Total                                 1,234,567       1,000            0     420     98,765,432  100,001,419         8',
      '',
      'Settled 75 %, the rest is not read yet or may still change. Newest data 2026-11-23 11:52 UTC, 8 min ago.',
      'None of it has a price.',
      'No room here for errors, throttled: a wider terminal, --json or --csv has them.',
      '',
    ]);
    expect(err).toBe('');
  });

  it.each([50, 60, 80, 100, 120, 200])('keeps to a terminal of %i columns', async (columns) => {
    for (const by of ['', 'model', 'model,cloud', 'model,deployment,cloud']) {
      const { out } = await reportOf({ by }, { columns });
      const longest = Math.max(...out.split('\n').map((line) => Array.from(line).length));
      expect(longest).toBeLessThanOrEqual(columns);
    }
  });

  it('says what of the cost is capacity that nobody used', async () => {
    const { out } = await reportOf({}, { columns: 160, ledger: withCapacity });
    expect(out).toMatch(/openai\/gpt-4o .* 10\.00\n/);
    expect(out).toContain('Of the cost, capacity nobody used: 7.50 USD (list price).\n');
    expect((await reportOf({})).out).not.toContain('capacity');
  });

  it.each([
    ['the usual rates', [], 'by the usual rates, for bills taught nothing of it'],
    ['what bills taught', [start - dayMs], 'estimated by what final bills taught'],
    [
      'one and then the other',
      [start + hourMs],
      'estimated in several ways, which cost_method tells apart with --json',
    ],
  ])('says between what the cost lies, by %s', async (_, froms, how) => {
    const [first] = ledger.amounts;
    const costly: MemoryLedger = {
      ...ledger,
      amounts:
        first === undefined
          ? []
          : [
              {
                ...first,
                cost: { low: 1_000_000_000n, best: 2_000_000_000n, high: 4_000_000_000n },
              },
            ],
      calibrations: froms.map((from) => calibrationOf(from)),
    };
    const { out } = await reportOf(
      { from: isoUtc(start), to: isoUtc(now) },
      { ledger: costly, terminal: false },
    );
    expect(out).toContain(`The cost lies between 1.00 and 4.00 USD: ${how}.`);
  });

  it('says which columns have no room', async () => {
    const { out } = await reportOf({}, { columns: 80 });
    expect(out).toContain('ALL TOKENS');
    expect(out.replaceAll('\n', ' ')).toMatch(/No room here for .*throttled: a wider terminal/);
  });

  it('leaves nothing out where there is no terminal', async () => {
    const { out } = await reportOf({}, { columns: 80, terminal: false });
    expect(out).toContain('THROTTLED');
    expect(out).not.toContain('No room');
  });

  it('goes by time when a step is asked for', async () => {
    const { out } = await reportOf({ by: '', step: '1h', from: '-3h' });
    const rows = out.split('\n').filter((line) => line.startsWith('2026-11-23'));
    expect(rows.map((line) => line.slice(0, 16))).toEqual([
      '2026-11-23 09:00',
      '2026-11-23 09:00',
      '2026-11-23 10:00',
      '2026-11-23 11:00',
    ]);
    expect(out).toContain('by time');
  });

  it('writes days as days', async () => {
    const { out } = await reportOf({ by: 'cloud', step: '1d', from: 'yesterday', to: 'today' });
    expect(out).toMatch(/^2026-11-22 {2}aws/m);
  });

  it('says that nothing is known where nothing is', async () => {
    const { out } = await reportOf({ from: '-30d', to: '-20d' });
    expect(out).toBe(
      '2026-10-24 12:00 – 2026-11-03 12:00 UTC, by model, cloud\n\n' +
        'Nothing is known in this range: no source was read there yet.\n',
    );
  });

  it('is not steered by what a cloud says', async () => {
    const { out } = await reportOf({ by: 'tag.owner' });
    expect(out).toContain('\uFFFD[2Jme');
    expect(out).not.toContain('\u001B');
  });

  it('says DEMO first', async () => {
    const { out } = await reportOf({}, { demo: true });
    expect(out).toMatch(/^DEMO /);
  });
});

describe('for programs', () => {
  it('is the rows of the API as JSON', async () => {
    const { out } = await reportOf({ json: true, by: 'cloud' });
    const rows: unknown = JSON.parse(out);
    expect(rows).toMatchObject([
      { time: '2026-11-22T12:00:00.000Z', cloud: 'aws', input_tokens: null, output_tokens: 400 },
      { cloud: 'azure', input_tokens: 1_234_567, cost_usd: null },
    ]);
  });

  it('is the same as CSV', async () => {
    const { out } = await reportOf({ csv: true, by: 'cloud,tag.a b' });
    expect(out.split('\r\n')).toEqual([
      ['time', 'cloud', 'tag_a b', ...usageColumns].join(','),
      '2026-11-22T12:00:00.000Z,aws,,,,,400,98765432,5,,,,,,,98765832,0.75',
      '2026-11-22T12:00:00.000Z,azure,,1234567,1000,0,20,0,3,0,0,,,,,1235587,0.75',
      '',
    ]);
  });

  it.each([{ json: true }, { csv: true }])('%o says DEMO beside the rows', async (request) => {
    const { out, err } = await reportOf(request, { demo: true });
    expect(out).not.toContain('DEMO');
    expect(err).toMatch(/^DEMO /);
  });
});

describe('wrong use', () => {
  it.each<readonly [string, ReportRequest, RegExp]>([
    [
      'an unknown dimension',
      { by: 'modle' },
      /--by: unknown dimension "modle"; did you mean "model"/,
    ],
    ['an unknown step', { step: 'soon' }, /--step: "soon" is no step; write one of 1m/],
    ['no time', { from: 'soon' }, /"soon" is no time/],
    ['times the wrong way round', { from: 'now', to: 'today' }, /must lie before --to/],
    ['two formats', { json: true, csv: true }, /exclude each other/],
  ])('is %s', async (_name, request, message) => {
    const wrong = reportOf(request);
    await expect(wrong).rejects.toThrow(WrongUseError);
    await expect(wrong).rejects.toThrow(message);
  });

  it('is not a step that is rounded, which is said', async () => {
    const { err } = await reportOf({ step: '2h' });
    expect(err).toBe('--step 2h is taken as 1d\n');
  });
});
