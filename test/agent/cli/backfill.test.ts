import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { dayMs, hourMs, isoUtc, minuteMs } from '../../../agent/core/time.ts';
import type { Call, Faults } from '../../../collectors/emulator/faults.ts';
import type { Answer } from '../../../collectors/emulator/http.ts';
import type { TruthStep } from '../../../collectors/emulator/truth.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { openLedgerReader } from '../../../exporters/sqlite/ledger.ts';
import { cliProcess, configFile, eventually } from '../../support/cli-world.ts';
import type { CliProcess } from '../../support/cli-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startSmallClouds } from '../../support/small-clouds.ts';

// Real clients over loopback.
vi.setConfig({ testTimeout: 60_000 });

const plainInterpretation = createInterpretation(new Map(), {
  openaiInputIncludesCached: true,
  bedrockInvocations: 'accepted',
});

/** A weekday noon, so that every lane has traffic. */
const noon = Date.UTC(2026, 10, 18, 12);
const morning = { start: noon - 6 * hourMs, end: noon - 2 * hourMs };
const asked = ['--from', isoUtc(morning.start), '--to', isoUtc(morning.end)];

/** Trouble that a test switches on and off. */
interface Trouble extends Faults {
  answer: (call: Call) => Answer | undefined;
}

function trouble(): Trouble {
  return {
    answer: () => undefined,
    intercept(call) {
      return this.answer(call);
    },
  };
}

const denied: Answer = {
  status: 403,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ error: { code: 'AuthorizationFailed', message: 'No \u001B[2J access.' } }),
};
const tooMany: Answer = {
  status: 429,
  headers: { 'content-type': 'application/json', 'retry-after': '20' },
  body: JSON.stringify({ error: { code: 'TooManyRequests', message: 'Slow down.' } }),
};

async function world() {
  const clock = createFakeClock(noon);
  const faults = trouble();
  const clouds = await startSmallClouds(() => clock.now(), faults);
  const config = configFile(clouds.config);
  return {
    clock,
    faults,
    config,
    // The clock stands still here, and whoever is paced by it would too.
    process: (isTerminal = false) => cliProcess({ clock, isTerminal, meters: false }),
    backfill: (process: CliProcess, ...argv: readonly string[]) =>
      process.run('backfill', '--config', config, ...argv),
    differences: (span = morning, step: TruthStep = '1m') =>
      clouds.differences(cliProcess({ clock }), config, span, step).then((all) => all.slice(0, 5)),
  };
}

describe('backfill', () => {
  it('fills exactly the span that is asked for: inside it the truth, outside of it nothing', async () => {
    const { process, backfill, differences, config, clock } = await world();
    const run = process();
    expect(await backfill(run, ...asked), run.err.text()).toBe(0);
    expect(run.out.text()).toMatch(/^2026-11-18 06:00 – 2026-11-18 10:00 UTC: \d+ windows read\n$/);
    expect(await differences()).toEqual([]);
    const beside = cliProcess({ clock });
    const [from, to] = [morning.start - minuteMs, morning.end + minuteMs].map(isoUtc);
    const wider = ['--from', from ?? '', '--to', to ?? '', '--step', '1m', '--by', '', '--json'];
    await beside.run('report', '--config', config, ...wider);
    const rows = JSON.parse(beside.out.text()) as readonly { readonly requests: number | null }[];
    const known = rows.map(({ requests }) => requests !== null);
    expect(known).toEqual([false, ...Array.from({ length: 4 * 60 }, () => true), false]);
    expect([...run.open]).toEqual([]);
  });

  it('puts its calls on the bill, listings included', async () => {
    const { clock, config } = await world();
    const run = cliProcess({ clock });
    expect(await run.run('backfill', '--config', config, ...asked), run.err.text()).toBe(0);
    const ledger = openLedgerReader(join(dirname(config), 'crossbill.db'), plainInterpretation);
    const bill = await ledger.apiCalls(noon);
    ledger.close();
    const operations = new Set(bill.map(({ operation }) => operation));
    for (const operation of ['ListMetrics', 'GetMetricData', 'metrics/read']) {
      expect(
        [...operations].some((one) => one.endsWith(operation)),
        operation,
      ).toBe(true);
    }
    const dear = bill.filter(({ costNanoUsd }) => costNanoUsd > 0n);
    expect(new Set(dear.map(({ source }) => source))).toEqual(new Set(['own', 'search']));
  });

  it('has nothing to do the second time', async () => {
    const { process, backfill } = await world();
    await backfill(process(), ...asked);
    const second = process();
    expect(await backfill(second, ...asked)).toBe(0);
    expect(second.out.text()).toBe(
      '2026-11-18 06:00 – 2026-11-18 10:00 UTC: nothing to do, all of it is read and settled\n',
    );
    expect(second.err.text()).toBe('');
  });

  it('stops at Ctrl-C in the middle of a read, keeps what it has, and goes on with the rest', async () => {
    const { process, backfill, differences, faults } = await world();
    const days = ['--from', '2026-11-14', '--to', '2026-11-17'];
    const span = { start: Date.UTC(2026, 10, 14), end: Date.UTC(2026, 10, 17) };
    const first = process();
    let hung = 0;
    faults.answer = ({ url }) => {
      if (!url.includes('2026-11-15')) return undefined;
      hung += 1;
      return { kind: 'hang' };
    };
    const stopped = backfill(first, ...days);
    // Something of the newest day is read by now, and nobody answers for an older one.
    await eventually(() => hung > 0 && first.err.text().includes('backfill: '));
    first.stop.abort();
    const from = performance.now();
    expect(await stopped).toBe(1);
    expect(performance.now() - from).toBeLessThan(1_000);
    expect(first.out.text()).toBe('');
    const [, read = 0, due = 0] =
      /stopped after (\d+) of (\d+) windows; run it again to go on\n$/
        .exec(first.err.text())
        ?.map(Number) ?? [];
    expect(read).toBeGreaterThan(0);
    expect(due).toBeGreaterThan(read);
    expect([...first.open]).toEqual([]);

    faults.answer = () => undefined;
    const second = process();
    expect(await backfill(second, ...days), second.err.text()).toBe(0);
    expect(second.out.text()).toContain(`: ${due - read} windows read\n`);
    expect(await differences(span, '1h')).toEqual([]);
  });

  it('stops at Ctrl-C while it lists, and says that nothing was read', async () => {
    const { process, backfill, faults } = await world();
    let asking = 0;
    faults.answer = () => {
      asking += 1;
      return { kind: 'hang' };
    };
    const run = process();
    const status = backfill(run, ...asked);
    await eventually(() => asking > 0);
    run.stop.abort();
    expect(await status).toBe(1);
    expect(run.err.text()).toMatch(/: stopped after 0 of 0 windows; run it again to go on\n$/);
    expect([...run.open]).toEqual([]);
  });

  it('shows a bar on a terminal and lines elsewhere, both up to the last window', async () => {
    const { process, backfill } = await world();
    const onTerminal = process(true);
    await backfill(onTerminal, '--from', '-3h', '--to', '-2h');
    expect(onTerminal.err.text()).toMatch(/ 100 % {2}(\d+)\/\1\S*\n$/);
    const elsewhere = process();
    await backfill(elsewhere, ...asked);
    expect(elsewhere.err.text()).toMatch(/backfill: 100 % \((\d+) of \1\)\n$/);
  });

  it('tells a target that is denied with its hint, fills the others, and ends with 1', async () => {
    const { process, backfill, differences, faults } = await world();
    faults.answer = ({ operation }) => (operation === 'metrics' ? denied : undefined);
    const run = process();
    expect(await backfill(run, ...asked)).toBe(1);
    expect(run.out.text()).toBe('');
    expect(run.err.text()).toMatch(
      /^azure\/\S+: denied: .*AuthorizationFailed.*\n {2}Grant .+\.$/m,
    );
    expect(run.err.text()).toMatch(/\d+ of \d+ windows read; what stands above could not be read/);
    // Given up or not, every window was dealt with; and no cloud moves the cursor.
    expect(run.err.text()).toMatch(/backfill: 100 %/);
    expect(run.err.text()).not.toContain('\u001B');
    const missing = await differences();
    expect(missing.length).toBeGreaterThan(0);
    expect(missing.filter((line) => !line.includes(' azure '))).toEqual([]);
    expect([...run.open]).toEqual([]);

    faults.answer = () => undefined;
    expect(await backfill(process(), ...asked)).toBe(0);
    expect(await differences()).toEqual([]);
  });

  it('tells a source that cannot even be listed, and fills the others', async () => {
    const { process, backfill, differences, faults } = await world();
    faults.answer = ({ cloud }) => (cloud === 'azure' ? { kind: 'reset' } : undefined);
    const run = process();
    expect(await backfill(run, ...asked)).toBe(1);
    expect(run.err.text()).toMatch(/^azure: unreachable: .+\n {2}Check .+$/m);
    const missing = await differences();
    expect(missing.filter((line) => !line.includes(' azure '))).toEqual([]);
  });

  it('says of one region that it could not look at it, with the fix, and ends with 1', async () => {
    const { process, backfill, faults, clock } = await world();
    faults.answer = ({ operation, region }) =>
      operation === 'monitoring:ListMetrics' && region === 'us-west-2' ? denied : undefined;
    const run = process();
    expect(await backfill(run, ...asked)).toBe(1);
    expect(run.err.text()).toMatch(/^search\S*: denied: cloudwatch:ListMetrics in us-west-2/m);
    expect(clock.sleepers()).toEqual([]);
  });

  it('waits out a cloud that asks to slow down, says so, and reads on', async () => {
    const { process, backfill, differences, faults, clock } = await world();
    let refusals = 0;
    faults.answer = ({ operation }) => {
      if (operation !== 'metrics' || refusals >= 2) return undefined;
      refusals += 1;
      return tooMany;
    };
    const run = process();
    const status = backfill(run, ...asked);
    let ended = false;
    void status.finally(() => (ended = true));
    await eventually(async () => {
      const [next] = clock.sleepers();
      if (next !== undefined) await clock.advance(next - clock.now());
      return ended;
    });
    expect(await status, run.err.text()).toBe(0);
    expect(refusals).toBe(2);
    expect(run.log.lines[0]).toMatchObject({
      level: 'warn',
      message: 'window failed',
      fields: { reason: 'throttled', nextTry: '2026-11-18T12:00:20.000Z' },
    });
    expect(await differences()).toEqual([]);
  });

  it('gives a target up that never answers well, after five tries', async () => {
    const { process, backfill, faults, clock } = await world();
    faults.answer = ({ operation }) => (operation === 'metrics' ? tooMany : undefined);
    const run = process();
    const status = backfill(run, ...asked);
    let ended = false;
    void status.finally(() => (ended = true));
    await eventually(async () => {
      const [next] = clock.sleepers();
      if (next !== undefined) await clock.advance(next - clock.now());
      return ended;
    });
    expect(await status).toBe(1);
    expect(run.err.text()).toMatch(/^azure\/\S+: throttled: /m);
    const warnings = run.log.lines.map(({ fields }) => String(fields['target']));
    const tries = new Map<string, number>();
    for (const target of warnings) tries.set(target, (tries.get(target) ?? 0) + 1);
    expect([...tries.values()].every((count) => count % 4 === 0)).toBe(true);
  });

  it('says who holds the ledger and what to do, and leaves it alone', async () => {
    const { process, backfill, config, clock } = await world();
    const agent = cliProcess({ clock });
    const running = agent.run('run', '--config', config);
    await eventually(() => agent.served.length > 0);
    const run = process();
    expect(await backfill(run, ...asked)).toBe(1);
    expect(run.err.text()).toMatch(/crossbill\.db: the ledger is held by another Crossbill.*Stop/);
    expect(run.out.text()).toBe('');
    agent.stop.abort();
    expect(await running).toBe(0);
  });

  it('says what of the span the clouds no longer keep, and what the ledger would not', async () => {
    const { process, backfill } = await world();
    const run = process();
    expect(await backfill(run, '--from', '-401d', '--to', '-400d')).toBe(0);
    expect(run.err.text().split('\n')).toEqual([
      'note: azure: its cloud keeps 93d: what is older than 2026-08-17 12:00 UTC is not read',
      'note: retention.hour keeps 400d: what is older than 2025-10-14 12:00 UTC is not read',
      '',
    ]);
    expect(run.out.text()).toContain(
      ': nothing to do, all that is kept of it is read and settled\n',
    );
  });

  it('says that there is nothing to read where no source lists a meter', async () => {
    const clock = createFakeClock(noon);
    const clouds = await startSmallClouds(() => clock.now());
    const config = configFile(
      `sources: [{ name: own, type: aws, regions: [eu-north-1], endpoint: '${clouds.awsUrl}' }]`,
    );
    const run = cliProcess({ clock });
    expect(await run.run('backfill', '--config', config, '--from', '-1h')).toBe(0);
    expect(run.out.text()).toContain('no source lists a meter, so there is nothing to read\n');
  });

  it('closes ledger and collectors when a later source cannot be started', async () => {
    const clock = createFakeClock(noon);
    const config = configFile(`sources:
  - { name: first, type: aws }
  - { name: second, type: azure, credential: client_secret }`);
    const run = cliProcess({ clock });
    expect(await run.run('backfill', '--config', config, '--from', '-1h')).toBe(1);
    expect(run.err.text()).toContain('AZURE_CLIENT_SECRET');
    expect([...run.open]).toEqual([]);
  });
});

describe('times', () => {
  it('are taken as -30d, as words and as ISO 8601', async () => {
    const { process, backfill } = await world();
    const spans = {
      '2026-11-18 09:30 – 2026-11-18 10:00 UTC': ['--from', '-2h30m', '--to', '-2h'],
      '2026-11-18 10:00 – 2026-11-18 10:30 UTC': ['--from', '2h ago', '--to', '90m ago'],
      '2026-11-18 00:00 – 2026-11-18 00:30 UTC': ['--from', 'today', '--to', '2026-11-18T00:30Z'],
      '2026-11-18 11:30 – 2026-11-18 11:59 UTC': ['--from=-30m'],
    };
    for (const [span, argv] of Object.entries(spans)) {
      const run = process();
      expect(await backfill(run, ...argv), run.err.text()).toBe(0);
      expect(run.out.text()).toContain(`${span}: `);
    }
  });

  it('are whole minutes and end with the newest one that can be read', async () => {
    const { process, backfill } = await world();
    const run = process();
    const from = isoUtc(noon - 10 * minuteMs + 999);
    expect(await backfill(run, '--from', from, '--to', isoUtc(noon + dayMs))).toBe(0);
    expect(run.out.text()).toContain('2026-11-18 11:50 – 2026-11-18 11:59 UTC: ');
  });

  it.each([
    ['that are none', ['--from', 'soon'], '--from: "soon" is no time: write 2026-11-01'],
    ['of which the second is none', ['--from', '-1d', '--to', '24h'], '--to: "24h" is no time'],
    ['the wrong way round', ['--from', '-1h', '--to', '-2h'], 'must lie before --to'],
    ['that are the same', ['--from', '-1h', '--to', '-1h'], 'must lie before --to'],
    [
      'in the future',
      ['--from', '2027-01-01'],
      '--from (2027-01-01T00:00:00.000Z) is not in the past',
    ],
    ['too new to be read', ['--from', '-30s'], 'the newest one ends at 2026-11-18 11:59 UTC'],
  ])('%s are wrong use, told before the ledger is touched', async (_name, argv, message) => {
    const run = cliProcess({ clock: createFakeClock(noon) });
    const config = configFile('sources: [{ name: own, type: aws }]');
    expect(await run.run('backfill', '--config', config, ...argv)).toBe(2);
    expect(run.err.text()).toContain(message);
    expect(run.out.text()).toBe('');
    expect([...run.open]).toEqual([]);
  });
});
