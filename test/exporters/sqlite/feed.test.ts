import { afterEach, beforeEach, expect, test } from 'vitest';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { createRater } from '../../../agent/pricing/rater.ts';
import type { SettledFeed } from '../../../agent/core/exporter.ts';
import type { Ledger } from '../../../agent/core/store.ts';
import { hourMs, minuteMs } from '../../../agent/core/time.ts';
import type { Window } from '../../../agent/core/time.ts';
import { openLedger } from '../../../exporters/sqlite/ledger.ts';
import { batchOf, day0, targetOf } from '../../support/ledger-world.ts';
import type { TrueSeries } from '../../support/ledger-world.ts';
import { perMillion, smallPrice } from '../../support/small-prices.ts';

const switches = { openaiInputIncludesCached: true, bedrockInvocations: 'accepted' } as const;
const sol = { ModelId: 'us.openai.gpt-5.6-sol' };
const model = 'openai/gpt-5.6-sol';
const hour = { start: day0, end: day0 + hourMs };
const settledAt = day0 + 2 * hourMs;

let ledger: Ledger;
beforeEach(() => {
  ledger = openLedger(':memory:', createInterpretation(new Map(), switches), day0);
});
afterEach(() => ledger.close());

function rate(usd: number): void {
  const price = smallPrice({ model, item: 'output', nanoUsd: perMillion(usd) });
  ledger.rateWith(createRater([price], []), day0);
}

/** Ten output tokens a minute for three hours, or as told. */
function output(values = Array<number>(180).fill(10)): readonly TrueSeries[] {
  return [{ rowId: 'out', dimensions: sol, values }];
}

function read(world: readonly TrueSeries[], window: Window, readAt: number, periodSeconds = 60) {
  const targets = [targetOf(world)];
  ledger.recordDiscovery('aws', { scopes: ['aws'], targets, inventory: [], failures: [] }, day0);
  ledger.commit(batchOf(world, window, periodSeconds, readAt));
}

function tellAll(feed: SettledFeed) {
  const pages = [];
  for (let page = feed.next(50); page !== undefined; page = feed.next(50)) {
    feed.done(page);
    pages.push(page);
  }
  return pages;
}

test('a period is told a minute at a time once it has settled, with its own start and end', () => {
  const feed = ledger.openFeed('prometheus', day0);
  read(output(), { start: day0, end: day0 + 20 * minuteMs }, day0 + 20 * minuteMs);
  const points = tellAll(feed).flatMap((page) => page.points);
  expect(points).toHaveLength(10);
  expect(points[0]).toMatchObject({ start: day0, end: day0 + minuteMs, amounts: { output: 10 } });
  expect(feed.next(50)).toBeUndefined();

  read(output(), { start: day0, end: day0 + 21 * minuteMs }, day0 + 21 * minuteMs);
  expect(tellAll(feed).flatMap((page) => page.points)).toMatchObject([
    { start: day0 + 10 * minuteMs, end: day0 + 11 * minuteMs },
  ]);
});

test('what began before the first start is not told, on this start or a later one', () => {
  const feed = ledger.openFeed('prometheus', day0 + 30 * minuteMs + 1);
  expect(feed.since).toBe(day0 + 31 * minuteMs);
  read(output(), hour, settledAt);
  expect(tellAll(feed).flatMap((page) => page.points)).toHaveLength(29);
  const again = ledger.openFeed('prometheus', day0 + hourMs);
  expect(again.since).toBe(day0 + 31 * minuteMs);
  expect(again.next(50)).toBeUndefined();
});

test('a new feed may tell what was known before it', () => {
  read(output(), hour, settledAt);
  const feed = ledger.openFeed('otlp', settledAt, { replayFrom: day0 });
  expect(tellAll(feed).flatMap((page) => page.points)).toHaveLength(60);
});

test('feeds know nothing of each other', () => {
  const [one, other] = [ledger.openFeed('one', day0), ledger.openFeed('other', day0)];
  read(output(), hour, settledAt);
  tellAll(one);
  expect(one.totals()[0]?.amounts.output).toBe(600);
  expect(other.totals()).toEqual([]);
  expect(tellAll(other).flatMap((page) => page.points)).toHaveLength(60);
});

test('a page that was not done comes again, the same; the next one knows what it told', () => {
  const feed = ledger.openFeed('otlp', day0);
  read(output(), { start: day0, end: day0 + 2 * hourMs }, day0 + 3 * hourMs);
  const first = feed.next(30);
  expect(first?.points).toHaveLength(60);
  expect(first?.before.size).toBe(0);
  expect(feed.next(30)).toEqual(first);
  if (first !== undefined) feed.done(first);
  const second = feed.next(30);
  expect(second?.number).toBe(1);
  const before = [...(second?.before.values() ?? [])];
  expect(before).toMatchObject([{ amounts: { output: 600 }, until: day0 + hourMs }]);
});

test('hours that were read by the hour are told as hours', () => {
  const feed = ledger.openFeed('otlp', day0);
  read(output(), { start: day0, end: day0 + 2 * hourMs }, day0 + 4 * hourMs, 3_600);
  expect(tellAll(feed).flatMap((page) => page.points)).toMatchObject([
    { start: day0, end: day0 + hourMs, amounts: { output: 600 } },
    { start: day0 + hourMs, end: day0 + 2 * hourMs, amounts: { output: 600 } },
  ]);
});

test('an hour read by the hour after some of it was told is told no further; the rest of it is a correction', () => {
  const feed = ledger.openFeed('otlp', day0);
  read(output(), { start: day0, end: day0 + 20 * minuteMs }, day0 + hourMs);
  expect(tellAll(feed).flatMap((page) => page.points)).toHaveLength(20);
  read(output(), hour, day0 + 4 * hourMs, 3_600);
  const pages = tellAll(feed);
  expect(pages.flatMap((page) => page.points)).toEqual([]);
  expect(pages.flatMap((page) => page.spans)).toMatchObject([
    { windows: [{ start: day0 + 20 * minuteMs, end: day0 + hourMs }] },
  ]);
  expect(feed.corrections()[0]?.amounts.output).toBe(400);
});

test('cost is frozen when it is told; a new price is a correction', () => {
  rate(10);
  const feed = ledger.openFeed('prometheus', day0);
  read(output(), hour, settledAt);
  tellAll(feed);
  expect(feed.totals()[0]?.cost).toBe(600n * 10_000n);
  expect(feed.corrections()[0]?.cost).toBe(0n);
  rate(12);
  expect(feed.totals()[0]?.cost).toBe(600n * 10_000n);
  expect(feed.corrections()[0]?.cost).toBe(600n * 2_000n);
});

test('silence that was looked at is told as nothing, and never again', () => {
  const feed = ledger.openFeed('otlp', day0);
  read(output(Array<number>(60).fill(0).with(5, 7)), hour, settledAt);
  const pages = tellAll(feed);
  expect(pages.flatMap((page) => page.points)).toHaveLength(1);
  expect(pages.flatMap((page) => page.spans)).toMatchObject([{ windows: [hour] }]);
  expect(feed.next(50)).toBeUndefined();
});

test('a gap that is read late is told late, by itself', () => {
  const feed = ledger.openFeed('otlp', day0);
  read(output(), { start: day0, end: day0 + 10 * minuteMs }, settledAt);
  read(output(), { start: day0 + 20 * minuteMs, end: day0 + hourMs }, settledAt);
  tellAll(feed);
  read(output(), hour, settledAt);
  const late = tellAll(feed).flatMap((page) => page.points);
  expect(late).toHaveLength(10);
  expect(late[0]?.start).toBe(day0 + 10 * minuteMs);
  expect(feed.totals()[0]).toMatchObject({ amounts: { output: 600 }, until: day0 + hourMs });
});

test('a name carries the words of the meter and of the ledger', () => {
  const feed = ledger.openFeed('otlp', day0);
  read(output(), hour, settledAt);
  const [page] = tellAll(feed);
  expect(page?.names).toMatchObject([
    { meteredModel: 'us.openai.gpt-5.6-sol', model, region: 'us-east-1', routing: 'geo' },
  ]);
});

test('what changes after it was told is a correction, though nobody had asked for any before', () => {
  const feed = ledger.openFeed('prometheus', day0);
  read(output(), hour, settledAt);
  tellAll(feed);
  read(output(Array<number>(60).fill(10).with(5, 17)), hour, settledAt);
  expect(feed.corrections()[0]?.amounts.output).toBe(7);
});
