import { expect, test } from 'vitest';
import { ExternalError } from '../../../agent/core/errors.ts';
import type {
  ExportOutcome,
  MetricsExporter,
  SettledFeed,
  SettledPage,
} from '../../../agent/core/exporter.ts';
import { minuteMs, secondMs } from '../../../agent/core/time.ts';
import { createPump } from '../../../agent/export/pump.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { day0 } from '../../support/ledger-world.ts';

const noCosts = { cost: null, costLow: null, costHigh: null, unpricedTokens: 0 };
const silent = {
  input: null,
  cacheRead: null,
  cacheWrite: null,
  output: null,
  unsplitInput: null,
  requests: null,
  errors: null,
  throttles: null,
};

function page(number: number, points = 1): SettledPage {
  const start = day0 + number * minuteMs;
  return {
    feed: 'otlp',
    since: day0,
    number,
    names: [],
    points: Array.from({ length: points }, () => ({
      nameId: 1,
      start,
      end: start + minuteMs,
      amounts: { ...silent, input: 1 },
      costs: noCosts,
    })),
    latencies: [],
    before: new Map(),
    spans: [],
    sequence: 0,
  };
}

type Answer = Error | ExportOutcome;
const taken: ExportOutcome = { rejected: 0, message: '' };

/** A feed with some pages to tell, and another side that gives one answer after the other, in the end always yes. */
function scripted(pages: SettledPage[], answers: readonly Answer[]) {
  const clock = createFakeClock(day0);
  const stop = new AbortController();
  const tried: { readonly number: number; readonly after: number }[] = [];
  const done: number[] = [];
  const said: string[] = [];
  let closed = false;
  const feed: SettledFeed = {
    name: 'otlp',
    since: day0,
    next: () => pages[0],
    done(one) {
      done.push(one.number);
      pages.shift();
    },
    totals: () => [],
    corrections: () => [],
  };
  const exporter: MetricsExporter = {
    name: 'otlp',
    export(one) {
      const answer = answers[tried.length] ?? taken;
      tried.push({ number: one.number, after: clock.now() - day0 });
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    close() {
      closed = true;
      return Promise.resolve();
    },
  };
  const say = (message: string, fields?: Readonly<Record<string, unknown>>) =>
    void said.push(`${message}: ${String(fields?.['message'] ?? fields?.['failures'])}`);
  const log = { debug: say, info: say, warn: say, error: say };
  const pump = createPump({ clock, log, feed, exporter, random: () => 0.5 });
  const running = pump.run(stop.signal);
  return { clock, pump, pages, tried, done, said, isClosed: () => closed, stop, running };
}

function failed(reason: 'unreachable' | 'throttled' | 'denied', retryAfterMs?: number) {
  return new ExternalError('no answer', {
    reason,
    operation: 'POST /v1/metrics',
    hint: 'Start it.',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

test('all pages go out at once, in order, and then it looks again every minute', async () => {
  const { clock, pages, done, tried, stop, running, isClosed } = scripted([page(0), page(1)], []);
  await clock.advance(secondMs);
  expect(done).toEqual([0, 1]);
  pages.push(page(2));
  await clock.advance(58 * secondMs);
  expect(done).toEqual([0, 1]);
  await clock.advance(2 * secondMs);
  expect(done).toEqual([0, 1, 2]);
  expect(tried).toHaveLength(3);
  stop.abort();
  await running;
  expect(isClosed()).toBe(true);
});

test('a page of silence is done without a word to the other side', async () => {
  const { clock, done, tried, stop, running } = scripted([page(0, 0), page(1)], []);
  await clock.advance(secondMs);
  expect(done).toEqual([0, 1]);
  expect(tried.map(({ number }) => number)).toEqual([1]);
  stop.abort();
  await running;
});

test('while the other side is down the same page is tried again, further and further apart, and told of once', async () => {
  const down = Array.from({ length: 12 }, () => failed('unreachable'));
  const { clock, done, tried, said, pump, stop, running } = scripted([page(0), page(1)], down);
  await clock.advance(60 * minuteMs);
  expect(new Set(tried.slice(0, 13).map(({ number }) => number))).toEqual(new Set([0]));
  const gaps = tried.slice(1, 13).map(({ after }, i) => (after - (tried[i]?.after ?? 0)) / 1_000);
  expect(gaps).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 150, 150, 150, 150]);
  expect(done).toEqual([0, 1]);
  expect(said).toEqual(['an exporter fails: no answer', 'an exporter is through again: 12']);
  expect(pump.status()).toMatchObject({ failures: 12, failingSince: null, points: 2, rejected: 0 });
  stop.abort();
  await running;
});

test('it waits as long as the other side asks', async () => {
  const { clock, tried, stop, running } = scripted([page(0)], [failed('throttled', 90_000)]);
  await clock.advance(10 * minuteMs);
  expect(tried.map(({ after }) => after)).toEqual([0, 90_000]);
  stop.abort();
  await running;
});

test('who was refused for want of rights is not asked every second', async () => {
  const { clock, tried, pump, stop, running } = scripted([page(0)], [failed('denied')]);
  await clock.advance(149 * secondMs);
  expect(tried).toHaveLength(1);
  expect(pump.status().failingSince).toBe(day0);
  expect(pump.status().failure).toMatchObject({
    reason: expect.any(String),
    at: expect.any(Number),
  });
  await clock.advance(2 * secondMs);
  expect(tried).toHaveLength(2);
  stop.abort();
  await running;
});

test('points that the other side would not have are counted and told, and not sent again', async () => {
  const { clock, done, said, pump, stop, running } = scripted(
    [page(0, 5), page(1)],
    [{ rejected: 2, message: 'too old' }],
  );
  await clock.advance(secondMs);
  expect(done).toEqual([0, 1]);
  expect(said).toEqual(['an exporter did not take all points: too old']);
  expect(pump.status()).toMatchObject({ points: 6, rejected: 2, lastSuccess: day0 });
  stop.abort();
  await running;
});

test('what is under way when the agent stops is not done, and no failure', async () => {
  const { done, said, stop, running } = scripted([], []);
  stop.abort();
  await running;
  expect(done).toEqual([]);

  const clock = createFakeClock(day0);
  const abort = new AbortController();
  const pages = [page(0)];
  const told: number[] = [];
  const pump = createPump({
    clock,
    log: {
      debug: () => 0,
      info: () => 0,
      warn: () => said.push('warn'),
      error: () => said.push('e'),
    },
    random: () => 0,
    feed: {
      name: 'otlp',
      since: day0,
      next: () => pages[0],
      done: ({ number }) => void told.push(number),
      totals: () => [],
      corrections: () => [],
    },
    exporter: {
      name: 'otlp',
      export: (_page, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        }),
      close: () => Promise.resolve(),
    },
  });
  const ended = pump.run(abort.signal);
  await clock.settle();
  abort.abort();
  await ended;
  expect(told).toEqual([]);
  expect(said).toEqual([]);
});

test('a ledger that cannot be written for a while is tried again', async () => {
  const clock = createFakeClock(day0);
  const stop = new AbortController();
  const pages = [page(0)];
  let full = true;
  const pump = createPump({
    clock,
    log: { debug: () => 0, info: () => 0, warn: () => 0, error: () => 0 },
    random: () => 0.5,
    feed: {
      name: 'otlp',
      since: day0,
      next: () => pages[0],
      done() {
        if (full) throw new Error('database or disk is full');
        pages.shift();
      },
      totals: () => [],
      corrections: () => [],
    },
    exporter: {
      name: 'otlp',
      export: () => Promise.resolve(taken),
      close: () => Promise.resolve(),
    },
  });
  const running = pump.run(stop.signal);
  await clock.advance(secondMs / 2);
  expect(pump.status()).toMatchObject({ failures: 1, points: 0 });
  full = false;
  await clock.advance(minuteMs);
  expect(pages).toEqual([]);
  expect(pump.status()).toMatchObject({ failingSince: null, points: 1 });
  stop.abort();
  await running;
});
