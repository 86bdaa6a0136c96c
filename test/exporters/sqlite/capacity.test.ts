import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { endOfTime } from '../../../agent/core/price.ts';
import type { Ledger } from '../../../agent/core/store.ts';
import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { createRater } from '../../../agent/pricing/rater.ts';
import { queryCapacity } from '../../../agent/query/capacity.ts';
import { parseStep } from '../../../agent/query/step.ts';
import { queryUsage } from '../../../agent/query/usage.ts';
import type { Dimension } from '../../../agent/core/dimension.ts';
import { openLedger, openLedgerReader } from '../../../exporters/sqlite/ledger.ts';
import { batch, deployed, listing, unitHour } from '../../support/capacity-world.ts';
import type { Metered } from '../../support/capacity-world.ts';

const switches = { openaiInputIncludesCached: true, bedrockInvocations: 'accepted' } as const;
const interpretation = createInterpretation(new Map(), switches);
const noon = Date.UTC(2026, 10, 24, 12);

let ledger: Ledger;
beforeEach(() => {
  ledger = openLedger(':memory:', interpretation, noon);
});
afterEach(() => ledger.close());

function rate(...prices: ReturnType<typeof unitHour>[]): void {
  rateAt(noon, ...prices);
}

function rateAt(at: number, ...prices: ReturnType<typeof unitHour>[]): void {
  ledger.rateWith(createRater(prices, []), at);
}

function discover(at: number, ...items: ReturnType<typeof deployed>[]): void {
  ledger.recordDiscovery('azure', listing(items), at);
}

/** An hour from a moment, read long after. */
function read(start: number, ...said: readonly Metered[]): void {
  ledger.commit(batch({ start, end: start + hourMs }, said, start + 2 * hourMs));
}

async function usage(
  from: number,
  to: number,
  step: string,
  groupBy: readonly Dimension[] = ['deployment'],
) {
  const stepMs = parseStep(step) ?? 'total';
  const selection = { from, to, stepMs, groupBy, filters: new Map(), teams: [] } as const;
  return queryUsage(ledger, selection);
}

/** Deployment and dollars of each row. */
async function costs(from: number, to: number, step = 'total') {
  const { rows } = await usage(from, to, step);
  return rows.map((row) => [row['deployment'], row.cost_usd, row.cost_method, row.unpriced_tokens]);
}

/** Line and dollars of each row. */
async function lines(from: number, to: number, step = 'total') {
  const rows = await queryCapacity(ledger, {
    from,
    to,
    stepMs: parseStep(step) ?? 'total',
    filters: new Map(),
    teams: [],
  });
  return rows.map((row) => [row.deployment, row.line, row.cost_usd, row.unit_hours]);
}

const half: Metered = { deployment: 'chat', tokens: () => 100, percent: () => 50 };

describe('provisioned capacity', () => {
  it('costs units × hours × rate: half of it used, half of it idle', async () => {
    rate(unitHour(1));
    discover(noon, deployed('chat', 50));
    read(noon, half);
    const end = noon + hourMs;
    expect(await lines(noon, end)).toEqual([
      ['chat', 'used', 25, 50],
      ['chat', 'idle', 25, 50],
    ]);
    expect(await costs(noon, end)).toEqual([['chat', 50, 'provisioned', 0]]);
    expect((await usage(noon, end, 'total')).idleUsd).toBe(25);
    const [used] = await queryCapacity(ledger, {
      from: noon,
      to: end,
      stepMs: 'total',
      filters: new Map(),
      teams: [],
    });
    expect(used).toMatchObject({
      model: 'openai/gpt-4o',
      sku: 'GlobalProvisionedManaged',
      units: 50,
      utilization: 0.5,
      tokens: 6e3,
      effective_usd_per_million: 8333.333333333,
      settled: 1,
    });
  });

  it('of a deployment that never said anything is charged all the same, as idle', async () => {
    rate(unitHour(2));
    discover(noon, deployed('silent', 10));
    ledger.accrueCapacity(noon + 3 * hourMs);
    expect(await lines(noon, noon + 3 * hourMs)).toEqual([
      ['silent', 'used', 0, 30],
      ['silent', 'idle', 60, 30],
    ]);
    expect(await costs(noon, noon + 3 * hourMs)).toEqual([['silent', 60, 'provisioned', null]]);
  });

  it('is charged in the hour in progress up to now', async () => {
    rate(unitHour(6));
    discover(noon, deployed('silent', 10));
    ledger.accrueCapacity(noon + 80 * minuteMs);
    expect(await costs(noon, noon + 80 * minuteMs)).toEqual([['silent', 80, 'provisioned', null]]);
    ledger.accrueCapacity(noon + 2 * hourMs);
    expect(await costs(noon, noon + 2 * hourMs)).toEqual([['silent', 120, 'provisioned', null]]);
  });

  it('is spread over its users by their tokens', async () => {
    rate(unitHour(1));
    discover(noon, deployed('chat', 30));
    read(
      noon,
      { ...half, tokens: () => 100, percent: () => 100 },
      { deployment: 'chat', version: '2025-01-01', tokens: () => 200 },
    );
    const { rows } = await usage(noon, noon + hourMs, 'total', ['model_version']);
    expect(rows.map((row) => [row['model_version'], row.cost_usd])).toEqual([
      ['2024-08-06', 10],
      ['2025-01-01', 20],
    ]);
  });

  it('without a price leaves its tokens unpriced, and its lines without cost', async () => {
    rate(unitHour(1, { routing: 'data_zone' }));
    discover(noon, deployed('chat', 50));
    read(noon, half);
    expect(await costs(noon, noon + hourMs)).toEqual([['chat', null, null, 6_000]]);
    expect(await lines(noon, noon + hourMs)).toEqual([
      ['chat', 'used', null, 50],
      ['chat', 'idle', null, 50],
    ]);
  });

  it('of which no meter tells the utilization is borne by its users, and nothing is said of idle', async () => {
    rate(unitHour(1));
    discover(noon, deployed('chat', 50));
    read(noon, { deployment: 'chat', tokens: () => 1 });
    expect(await lines(noon, noon + hourMs)).toEqual([
      ['chat', 'used', 50, 50],
      ['chat', 'idle', null, 50],
    ]);
  });

  it('counts minutes that were read, silent and without a token as idle', async () => {
    rate(unitHour(1));
    discover(noon, deployed('chat', 60));
    const first = (value: number) => (minute: number) => (minute < 15 ? value : 0);
    read(noon, {
      deployment: 'chat',
      tokens: first(10),
      percent: (minute) => (minute < 15 ? 80 : undefined),
    });
    expect(await lines(noon, noon + hourMs)).toEqual([
      ['chat', 'used', 12, 60],
      ['chat', 'idle', 48, 60],
    ]);
  });

  it('that is scaled within the hour is charged each part at its size', async () => {
    rate(unitHour(1));
    discover(noon, deployed('silent', 10));
    discover(noon + 30 * minuteMs, deployed('silent', 50));
    ledger.accrueCapacity(noon + 2 * hourMs);
    expect(await costs(noon, noon + 2 * hourMs, '1h')).toEqual([
      ['silent', 30, 'provisioned', null],
      ['silent', 50, 'provisioned', null],
    ]);
  });

  it('that is gone, or of a source that is no longer configured, is charged no longer', async () => {
    rate(unitHour(1));
    discover(noon, deployed('gone', 10), deployed('chat', 10));
    discover(noon + hourMs, deployed('chat', 10));
    read(noon + hourMs, half);
    ledger.recordDiscovery('azure', listing(), noon + 9 * hourMs);
    ledger.accrueCapacity(noon + dayMs);
    // Read last at three o'clock.
    expect(await costs(noon, noon + dayMs)).toEqual([
      ['chat', 30, 'provisioned', 0],
      ['gone', 10, 'provisioned', null],
    ]);
  });

  it('that the first look found is charged as far back as its account was read', async () => {
    rate(unitHour(1));
    discover(noon, deployed('chat', 10));
    ledger.accrueCapacity(noon + hourMs);
    expect(await costs(noon - dayMs, noon + hourMs)).toEqual([['chat', 10, 'provisioned', null]]);
    for (const hours of [1, 3, 2]) read(noon - hours * hourMs, half);
    expect(await costs(noon - dayMs, noon + hourMs)).toEqual([['chat', 40, 'provisioned', 0]]);
  });

  it('of a deployment that a later look found first is charged from then', async () => {
    rate(unitHour(1));
    discover(noon, deployed('chat', 50));
    read(noon, half);
    discover(noon + 5 * hourMs, deployed('chat', 50), deployed('new', 10));
    ledger.accrueCapacity(noon + 7 * hourMs);
    const told = await lines(noon, noon + 7 * hourMs);
    expect(told.map(([name, , , hours]) => [name, hours])).toEqual([
      ['chat', 350],
      ['chat', 350],
      ['new', 20],
      ['new', 20],
    ]);
  });

  it('of a deployment whose meters write its name in another case is one with it', async () => {
    rate(unitHour(1));
    discover(noon, deployed('CHAT', 50));
    read(noon, half);
    expect(await costs(noon, noon + hourMs)).toEqual([['chat', 50, 'provisioned', 0]]);
  });

  it('of what is paid by the token is nothing', async () => {
    rate(unitHour(1));
    discover(noon, deployed('chat', 50, { sku: 'GlobalStandard' }));
    read(noon, half);
    expect(await lines(noon, noon + hourMs)).toEqual([]);
    expect(ledger.accrueCapacity(noon + dayMs)).toBe(0);
  });

  it('is not known before prices are', async () => {
    discover(noon, deployed('chat', 50));
    read(noon, half);
    expect(await lines(noon, noon + hourMs)).toEqual([]);
    rateAt(noon + 2 * hourMs, unitHour(1));
    expect(await lines(noon, noon + hourMs)).toEqual([
      ['chat', 'used', 25, 50],
      ['chat', 'idle', 25, 50],
    ]);
  });
});

describe('what is charged', () => {
  it('changes with a price from its date on, and not before', async () => {
    rate(unitHour(1));
    discover(noon, deployed('chat', 10));
    for (const hour of [0, 1, 2]) read(noon + hour * hourMs, half);
    const change = noon + hourMs;
    const prices = [unitHour(1, { to: change }), unitHour(3, { from: change, to: endOfTime })];
    // The last of them was read at four o'clock, and charged until then.
    const changes = ledger.rateWith(createRater(prices, []), noon + 3 * hourMs);
    expect(changes).toEqual([
      { model: 'openai/gpt-4o', before: 40_000_000_000n, after: 100_000_000_000n, rows: 3 },
    ]);
    expect(await costs(noon, noon + 3 * hourMs, '1h')).toEqual(
      [10, 30, 30].map((cost) => ['chat', cost, 'provisioned', 0]),
    );
    expect(ledger.rateWith(createRater(prices, []), noon + 3 * hourMs)).toEqual([]);
  });

  it('is the same however often it is charged and read', async () => {
    rate(unitHour(0.7));
    discover(noon, deployed('chat', 7), deployed('silent', 3));
    read(noon, half);
    ledger.accrueCapacity(noon + 2 * hourMs);
    const once = await usage(noon, noon + 2 * hourMs, '1m');
    read(noon, half);
    ledger.accrueCapacity(noon + 2 * hourMs);
    discover(noon + 2 * hourMs, deployed('chat', 7), deployed('silent', 3));
    expect(ledger.accrueCapacity(noon + 2 * hourMs)).toBe(0);
    expect(await usage(noon, noon + 2 * hourMs, '1m')).toEqual(once);
  });

  it('ends where a clock that was set back says that it was gone', async () => {
    rate(unitHour(1));
    discover(noon, deployed('gone', 10), deployed('never', 10));
    discover(noon + hourMs, deployed('gone', 10));
    discover(noon + 2 * hourMs, deployed('gone', 10), deployed('never', 5));
    ledger.accrueCapacity(noon + 5 * hourMs);
    discover(noon + 2 * hourMs);
    expect(await costs(noon, noon + dayMs)).toEqual([
      ['gone', 20, 'provisioned', null],
      ['never', 10, 'provisioned', null],
    ]);
  });

  it('is put right by prices that come after somebody without any wrote usage', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'crossbill-capacity-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 'ledger.db');
    const rater = createRater([unitHour(1)], []);
    const users = (own: number): Metered[] => [
      { ...half, percent: () => 100 },
      { deployment: 'chat', version: '2025-01-01', tokens: () => own },
    ];
    const during = async (work: (own: Ledger) => unknown) => {
      const own = openLedger(path, interpretation, noon);
      await work(own);
      own.close();
    };
    const hour = (start: number, own: number) =>
      batch({ start, end: start + hourMs }, users(own), start + 2 * hourMs);
    await during((own) => {
      own.rateWith(rater, noon);
      own.recordDiscovery('azure', listing([deployed('chat', 60)]), noon);
      own.commit(hour(noon, 100));
    });
    await during((own) => {
      own.commit(hour(noon, 300));
      own.commit(hour(noon + hourMs, 100));
    });
    await during((own) => own.rateWith(rater, noon + 2 * hourMs));
    const reader = openLedgerReader(path, interpretation);
    const { rows } = await queryUsage(reader, {
      from: noon,
      to: noon + 2 * hourMs,
      stepMs: hourMs,
      filters: new Map(),
      teams: [],
      groupBy: ['model_version'],
    });
    expect(rows.map((row) => row.cost_usd)).toEqual([15, 45, 30, 30]);
    reader.close();
  });

  it('stays when the clock is set back', async () => {
    rate(unitHour(1));
    discover(noon, deployed('silent', 10));
    ledger.accrueCapacity(noon + 3 * hourMs);
    ledger.accrueCapacity(noon - dayMs);
    ledger.accrueCapacity(noon + hourMs);
    expect(await costs(noon, noon + dayMs)).toEqual([['silent', 30, 'provisioned', null]]);
  });

  it('outlives the minutes and the hours it was made of, and goes with the days', async () => {
    rate(unitHour(1));
    discover(noon, deployed('chat', 60));
    read(noon, {
      deployment: 'chat',
      tokens: (minute) => (minute < 15 ? 10 : 0),
      percent: (minute) => (minute < 15 ? 80 : undefined),
    });
    const later = noon + 10 * dayMs;
    const before = await lines(noon, noon + hourMs);
    const age = (retention: { readonly daySeconds: number }) => {
      while (ledger.age(later, { minuteSeconds: 3_600, hourSeconds: 86_400, ...retention }).more);
    };
    age({ daySeconds: Infinity });
    expect(await lines(noon, noon + hourMs)).toEqual(before);
    rate(unitHour(2));
    expect(await costs(noon - 12 * hourMs, noon + 12 * hourMs, '1d')).toMatchObject([
      ['chat', 2 * 60 * 2, 'provisioned', 0],
    ]);
    age({ daySeconds: 2 * 86_400 });
    ledger.accrueCapacity(later);
    expect(await lines(noon - dayMs, later - 3 * dayMs)).toEqual([]);
  });
});
