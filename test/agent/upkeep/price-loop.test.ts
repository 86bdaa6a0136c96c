import { describe, expect, it } from 'vitest';
import { ExternalError } from '../../../agent/core/errors.ts';
import type { PriceListing } from '../../../agent/core/price-list.ts';
import type { PriceEdition } from '../../../agent/core/price-store.ts';
import type { Instant } from '../../../agent/core/time.ts';
import { dayMs, hourMs, isoUtc, minuteMs } from '../../../agent/core/time.ts';
import { runPriceUpdates } from '../../../agent/upkeep/price-loop.ts';
import type { JudgedListing, PriceLoopDeps } from '../../../agent/upkeep/price-loop.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { recordedLog } from '../../support/recorded-log.ts';
import { listedRow, listingOf } from '../pricing/price-rows.ts';

const start = Date.UTC(2026, 10, 23, 12);
const source = 'azure_retail_prices';

const nothing: JudgedListing = {
  edit: { ends: [], begins: [] },
  taken: 0,
  waiting: 0,
  waitingModels: [],
};
const oneTaken: JudgedListing = { ...nothing, edit: { ends: [], begins: [listedRow()] }, taken: 1 };

/** The loop over a book of editions, with a list that answers by script. */
function world(given: {
  readonly edition?: Instant;
  readonly answers?: (asked: number) => PriceListing | Error;
  readonly judged?: (listing: PriceListing) => JudgedListing;
  readonly lists?: () => boolean;
  readonly rate?: PriceLoopDeps['rate'];
}) {
  const clock = createFakeClock(start);
  const stop = new AbortController();
  const log = recordedLog();
  const did: string[] = [];
  let editions: readonly PriceEdition[] =
    given.edition === undefined ? [] : [{ source, version: 'v0', fetchedAt: given.edition }];
  let asked = 0;
  const at = () => isoUtc(clock.now()).slice(5, 16);
  const done = runPriceUpdates(
    {
      clock,
      log,
      ledger: {
        prices: async () => [listedRow()],
        editions: async () => editions,
        keepOffer: (listing) => void did.push(`offer ${listing.version}`),
        keepPrices(edit, edition) {
          did.push(`keep ${edit.begins.length}`);
          editions = [edition];
        },
      },
      lists: async () =>
        given.lists?.() === false
          ? []
          : [
              {
                name: source,
                async fetch() {
                  did.push(`fetch ${at()}`);
                  const answer = given.answers?.(asked) ?? listingOf([], { version: `v${asked}` });
                  asked += 1;
                  if (answer instanceof Error) throw answer;
                  return { ...answer, fetchedAt: clock.now() };
                },
              },
            ],
      judge: (_rows, listing) => given.judged?.(listing) ?? nothing,
      rate:
        given.rate ??
        (async () => {
          did.push('rate');
          return [{ model: 'openai/gpt-5.4', before: 2_000_000_000n, after: null, rows: 3 }];
        }),
    },
    stop.signal,
  );
  return { clock, stop, log, did, done };
}

const unreachable = (retryAfterMs?: number) =>
  new ExternalError('prices.azure.com: no answer', {
    reason: 'unreachable',
    operation: 'retailprices:GET',
    hint: 'Look whether this machine reaches prices.azure.com.',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });

const fetches = (did: readonly string[]) => did.filter((line) => line.startsWith('fetch'));

describe('the daily update of prices', () => {
  it('asks five minutes after the start where it never did, then once a day', async () => {
    const { clock, did, stop, done } = world({});
    await clock.advance(4 * minuteMs);
    expect(did).toEqual([]);
    await clock.advance(2 * dayMs + 2 * minuteMs);
    expect(fetches(did)).toEqual(['fetch 11-23T12:05', 'fetch 11-24T12:05', 'fetch 11-25T12:05']);
    stop.abort();
    await done;
  });

  it('goes by what an earlier process fetched', async () => {
    const { clock, did, stop, done } = world({ edition: start - 20 * hourMs });
    await clock.advance(5 * hourMs);
    expect(fetches(did)).toEqual(['fetch 11-23T16:00']);
    stop.abort();
    await done;
  });

  it('waits for a region to ask for', async () => {
    let known = false;
    const { clock, did, stop, done } = world({ lists: () => known });
    await clock.advance(hourMs);
    expect(did).toEqual([]);
    known = true;
    await clock.advance(5 * minuteMs);
    expect(fetches(did)).toHaveLength(1);
    stop.abort();
    await done;
  });

  it('keeps the offer, takes what waits for nobody, rates once, and says so', async () => {
    const { clock, did, log, stop, done } = world({ judged: () => oneTaken });
    await clock.advance(hourMs);
    expect(did).toEqual(['fetch 11-23T12:05', 'offer v0', 'keep 1', 'rate']);
    expect(log.lines).toMatchObject([
      {
        level: 'info',
        message: 'prices updated',
        fields: { taken: 1, ratedAnew: ['openai/gpt-5.4 2.00 → unpriced USD'] },
      },
    ]);
    stop.abort();
    await done;
  });

  it('notes the edition of a list that says nothing new, and rates nothing', async () => {
    const { clock, did, stop, done } = world({});
    await clock.advance(hourMs);
    expect(did).toEqual(['fetch 11-23T12:05', 'offer v0', 'keep 0']);
    stop.abort();
    await done;
  });

  it('says what waits, and what to do about it', async () => {
    const judged = { ...nothing, waiting: 2, waitingModels: ['openai/gpt-5.4'] };
    const { clock, log, stop, done } = world({ judged: () => judged });
    await clock.advance(hourMs);
    expect(log.lines[1]).toMatchObject({
      level: 'warn',
      message: 'prices wait for somebody to accept them',
      fields: {
        changes: 2,
        models: ['openai/gpt-5.4'],
        hint: expect.stringContaining('`crossbill prices accept`'),
      },
    });
    stop.abort();
    await done;
  });

  it('tells a failure with what to do, and tries again after 1, 2, 4, 6 and 6 hours', async () => {
    const { clock, did, log, stop, done } = world({ answers: () => unreachable() });
    await clock.advance(20 * hourMs);
    expect(fetches(did)).toEqual(
      ['23T12:05', '23T13:05', '23T15:05', '23T19:05', '24T01:05', '24T07:05'].map(
        (time) => `fetch 11-${time}`,
      ),
    );
    expect(did.length).toBe(6);
    expect(log.lines[0]).toMatchObject({
      level: 'warn',
      message: 'prices could not be updated',
      fields: {
        list: source,
        reason: 'unreachable',
        hint: 'Look whether this machine reaches prices.azure.com. The prices stay as they were.',
        nextTry: '2026-11-23T13:05:00.000Z',
      },
    });
    stop.abort();
    await done;
  });

  it('waits as long as it is asked to, and is back to a day once it succeeds', async () => {
    const { clock, did, stop, done } = world({
      answers: (asked) => (asked === 0 ? unreachable(3 * hourMs) : listingOf([])),
    });
    await clock.advance(40 * hourMs);
    expect(fetches(did)).toEqual(['fetch 11-23T12:05', 'fetch 11-23T15:05', 'fetch 11-24T15:05']);
    stop.abort();
    await done;
  });

  it('takes nothing that contradicts the book', async () => {
    const { clock, did, log, stop, done } = world({
      judged: () => {
        throw new Error('two prices of input hold; delete one');
      },
    });
    await clock.advance(hourMs);
    expect(did).toEqual(['fetch 11-23T12:05', 'offer v0']);
    expect(log.lines[0]).toMatchObject({
      level: 'warn',
      fields: { message: expect.stringContaining('two prices') },
    });
    stop.abort();
    await done;
  });

  it('rates at the next try what it could not rate', async () => {
    let tries = 0;
    const { clock, log, stop, done } = world({
      judged: (listing) => (listing.version === 'v0' ? oneTaken : nothing),
      rate: async () => {
        tries += 1;
        if (tries === 1) throw new Error('database or disk is full');
        return [];
      },
    });
    await clock.advance(2 * hourMs);
    expect(tries).toBe(2);
    await clock.advance(2 * dayMs);
    expect(tries, 'once it is done it is done').toBe(2);
    expect(log.lines.map(({ level }) => level)).toEqual(['warn', 'info', 'info', 'info']);
    stop.abort();
    await done;
  });

  it('stops in the middle of a fetch, and says nothing of it', async () => {
    const clock = createFakeClock(start);
    const stop = new AbortController();
    const log = recordedLog();
    const done = runPriceUpdates(
      {
        clock,
        log,
        ledger: {
          prices: async () => [],
          editions: async () => [],
          keepOffer: () => log.error('kept'),
          keepPrices: () => log.error('kept'),
        },
        lists: async () => [
          {
            name: source,
            fetch: (signal) =>
              new Promise((_resolve, reject) => {
                signal.addEventListener('abort', () => reject(new Error('stopped')));
              }),
          },
        ],
        judge: () => nothing,
        rate: async () => [],
      },
      stop.signal,
    );
    await clock.advance(hourMs);
    stop.abort();
    await done;
    expect(log.lines).toEqual([]);
  });
});
