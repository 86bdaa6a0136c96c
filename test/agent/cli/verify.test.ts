import { describe, expect, it, vi } from 'vitest';
import { dayMs, hourMs, isoUtc } from '../../../agent/core/time.ts';
import type { Call, Faults } from '../../../collectors/emulator/faults.ts';
import type { Answer } from '../../../collectors/emulator/http.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { Driver } from '../../../exporters/sqlite/driver.ts';
import { openLedger } from '../../../exporters/sqlite/ledger.ts';
import { cliProcess, configFile } from '../../support/cli-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startSmallClouds } from '../../support/small-clouds.ts';

// Real clients over loopback.
vi.setConfig({ testTimeout: 60_000 });

/** A weekday noon, so that every lane has traffic. */
const noon = Date.UTC(2026, 10, 18, 12);
const morning = { start: noon - 4 * hourMs, end: noon - 2 * hourMs };

const interpretation = createInterpretation(new Map(), {
  openaiInputIncludesCached: true,
  bedrockInvocations: 'accepted',
});

/** A ledger that holds a morning of three small sources, filled by `backfill`. */
async function world() {
  const clock = createFakeClock(noon);
  let answer: (call: Call) => Answer | undefined = () => undefined;
  const faults: Faults = { intercept: (call) => answer(call) };
  const clouds = await startSmallClouds(() => clock.now(), faults);
  const config = configFile(clouds.config);
  const path = config.replace('crossbill.yaml', 'crossbill.db');
  const run = async (...argv: readonly string[]) => {
    const process = cliProcess({ clock });
    const [verb = '', ...rest] = argv;
    const status = await process.run(verb, '--config', config, ...rest);
    expect([...process.open]).toEqual([]);
    return { status, out: process.out.text(), err: process.err.text() };
  };
  const span = ['--from', isoUtc(morning.start), '--to', isoUtc(morning.end)];
  expect(await run('backfill', ...span)).toMatchObject({ status: 0 });
  return {
    clock,
    run,
    verify: (...argv: readonly string[]) => run('verify', ...argv),
    meddle: (sql: string) => {
      const db = new Driver(path);
      const { changes } = db.prepare(sql).run();
      db.close();
      return changes;
    },
    ask: (sql: string): readonly unknown[] => {
      const db = new Driver(path, { readonly: true });
      const rows = db.prepare(sql).all();
      db.close();
      return rows;
    },
    age: (minuteMs: number) => {
      const ledger = openLedger(path, interpretation, clock.now());
      const retention = { minuteSeconds: minuteMs / 1_000, hourSeconds: 4e7, daySeconds: Infinity };
      while (ledger.age(clock.now(), retention).more);
      ledger.close();
    },
    refuse: (operation: string, instead: Answer) => {
      answer = (call) => (call.operation === operation ? instead : undefined);
    },
  };
}

interface Document {
  readonly seed: number;
  readonly settled_windows: number;
  readonly windows: number;
  readonly verified: number;
  readonly silent: number;
  readonly values: number;
  readonly calls: number;
  readonly cost_usd: number;
  readonly differences: readonly Readonly<Record<string, unknown>>[];
  readonly failures: readonly Readonly<Record<string, unknown>>[];
}

const all = ['--sample', '100000', '--json'] as const;

describe('a ledger that says what its clouds say', () => {
  it('is verified, as many windows as were asked for, and changes by none of it', async () => {
    const { verify, ask } = await world();
    const before = ask('SELECT * FROM reading ORDER BY 1, 2, 3');
    const { status, out, err } = await verify('--sample', '12', '--seed', '7');
    expect(err).not.toContain('not verified');
    expect(out).toMatch(/^12 windows fetched again.*: [\d,]+ values compared, no difference\./);
    expect(out).toMatch(/--seed 7 draws the same\. \d+ calls, 0\.\d+ USD\.\n$/);
    expect(status).toBe(0);
    expect(ask('SELECT * FROM reading ORDER BY 1, 2, 3')).toEqual(before);
  });

  it('is verified whole where more is asked for than there is, every meter of every source', async () => {
    const { verify, ask } = await world();
    const { status, out } = await verify(...all);
    const document = JSON.parse(out) as Document;
    const units = ask('SELECT 1 FROM unit WHERE active = 1').length;
    expect(document).toMatchObject({ windows: units * 2, verified: units * 2, failures: [] });
    expect(document.settled_windows).toBe(units * 2);
    expect(document.differences).toEqual([]);
    expect(document.values).toBeGreaterThan(1_000);
    // Throttles and errors are rare: an hour without one is silence on both sides.
    expect(document.silent).toBeGreaterThan(0);
    expect(document.cost_usd).toBeGreaterThan(0);
    expect(status).toBe(0);
  });

  it('is verified by the hour too, once its minutes have aged', async () => {
    const { verify, age, clock, ask } = await world();
    await clock.advance(2 * dayMs);
    age(dayMs);
    expect(ask('SELECT * FROM reading WHERE period_seconds = 60')).toEqual([]);
    const document = JSON.parse((await verify(...all)).out) as Document;
    expect(document).toMatchObject({ differences: [], failures: [] });
    expect(document.verified).toBe(document.settled_windows);
    expect(document.values).toBeGreaterThan(20);
  });

  it('draws the same windows for the same seed, and others for another', async () => {
    const { verify } = await world();
    const values = async (seed: string) =>
      (JSON.parse((await verify('--seed', seed, '--json')).out) as Document).values;
    expect(await values('1')).toBe(await values('1'));
    expect(new Set([await values('1'), await values('2'), await values('3')]).size).toBeGreaterThan(
      1,
    );
  });
});

describe('a ledger that says something else', () => {
  it('has the very value named: target, meter, time, both values, their difference', async () => {
    const { verify, meddle, ask } = await world();
    const [victim] = ask(
      `SELECT series_id, minute, sum FROM reading JOIN series ON series.id = series_id
       WHERE metric = 'OutputTokenCount' AND sum > 0 LIMIT 1`,
    ) as readonly { readonly series_id: number; readonly minute: number; readonly sum: number }[];
    if (victim === undefined) throw new Error('no reading to meddle with');
    const where = `series_id = ${victim.series_id} AND minute = ${victim.minute}`;
    expect(meddle(`UPDATE reading SET sum = sum + 5 WHERE ${where}`)).toBe(1);
    const { status, out } = await verify(...all);
    const document = JSON.parse(out) as Document;
    expect(document.differences).toEqual([
      {
        target: expect.stringMatching(/^(?:own|search)\/\d{12}\/us-\w+-\d\/AWS\/Bedrock$/),
        meter: expect.stringMatching(/^OutputTokenCount\{ModelId=\S+\}$/),
        period_seconds: 60,
        time: isoUtc(victim.minute * 60_000),
        statistic: 'sum',
        ledger: victim.sum + 5,
        cloud: victim.sum,
        delta: -5,
      },
    ]);
    expect(status).toBe(1);
  });

  it('is told to people and spreadsheets, with what puts it right, and that does', async () => {
    const { verify, run, meddle } = await world();
    expect(meddle('UPDATE reading SET sum = sum + 1 WHERE sum > 0')).toBeGreaterThan(1_000);
    const human = await verify('--sample', '100000');
    expect(human.status).toBe(1);
    expect(human.out).toMatch(/TIME \(UTC\) +STATISTIC +LEDGER +CLOUD +DELTA\n/);
    expect(human.out).toMatch(/… and [\d,]+ more; --json tells all of them/);
    const [advice = '', from = '', to = ''] =
      /crossbill backfill --again --from (\S+) --to (\S+)/.exec(human.out) ?? [];
    expect(advice).not.toBe('');
    const { out: csv } = await verify('--csv', '--sample', '100000');
    const [head, first] = csv.split('\r\n');
    expect(head).toBe('target,meter,period_seconds,time,statistic,ledger,cloud,delta');
    expect(first).toMatch(/,-1$/);
    expect((await run('backfill', '--again', '--from', from, '--to', to)).status).toBe(0);
    expect(await verify(...all)).toMatchObject({ status: 0 });
  });

  it('has a point named that the ledger lacks', async () => {
    const { verify, meddle } = await world();
    const one = `(SELECT series_id, period_seconds, minute FROM reading WHERE sum > 0 LIMIT 1)`;
    expect(meddle(`DELETE FROM reading WHERE (series_id, period_seconds, minute) IN ${one}`)).toBe(
      1,
    );
    const { out, status } = await verify(...all);
    const { differences } = JSON.parse(out) as Document;
    expect(differences.length).toBeGreaterThan(0);
    expect(differences.every(({ ledger }) => ledger === null)).toBe(true);
    expect(status).toBe(1);
  });
});

describe('a cloud that does not answer', () => {
  const denied: Answer = {
    status: 403,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      error: { code: 'AuthorizationFailed', message: 'No \u001B[2J access.' },
    }),
  };

  it('is told apart, with what to do, and hides none of the others', async () => {
    const { verify, refuse } = await world();
    refuse('metrics', denied);
    const { status, out, err } = await verify(...all);
    const document = JSON.parse(out) as Document;
    expect(document.differences).toEqual([]);
    expect(document.failures).toEqual([
      expect.objectContaining({
        target: expect.stringMatching(/^azure\//),
        reason: 'denied',
        operation: 'Microsoft.Insights/metrics/read',
        hint: expect.stringContaining('Monitoring Reader'),
      }),
    ]);
    expect(document.verified + Number(document.failures[0]?.['windows'])).toBe(document.windows);
    expect(document.verified).toBeGreaterThan(0);
    expect(err).toMatch(
      /azure\/\S+: denied: .*\n {2}Grant Monitoring Reader .*\n {2}\d+ windows of/,
    );
    expect(err).not.toContain('\u001B');
    expect(status).toBe(1);
  });
});

describe('what can be verified', () => {
  it('is nothing where nothing was read, and that is said', async () => {
    const { verify } = await world();
    const { status, out } = await verify('--from', '2026-11-01', '--to', '2026-11-02');
    expect(out).toMatch(/^nothing to verify: no settled hour/);
    expect(status).toBe(0);
  });

  it('is only what the cloud still keeps', async () => {
    const { verify, clock } = await world();
    await clock.advance(16 * 24 * hourMs);
    const { out } = await verify(...all);
    const document = JSON.parse(out) as Document;
    // CloudWatch keeps minutes for 15 days, Azure Monitor for 93.
    expect(document.windows).toBeGreaterThan(0);
    expect(document).toMatchObject({ differences: [], failures: [], cost_usd: 0 });
  });

  it.each([
    ['--sample', '0'],
    ['--sample', '1.5'],
    ['--seed', '-1'],
    ['--from', 'soon'],
    ['--from', 'today', '--to', 'yesterday'],
    ['--json', '--csv'],
  ])('is not asked for by %s %s', async (...argv) => {
    const process = cliProcess({ clock: createFakeClock(noon) });
    const config = configFile('sources: [{ name: own, type: aws }]');
    expect(await process.run('verify', '--config', config, ...argv)).toBe(2);
  });
});
