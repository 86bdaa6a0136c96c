import type { BillReader, BilledDays, StoredBillLine } from '../../agent/core/bill-store.ts';
import type { BilledFeed, BilledPoint, BilledSeries } from '../../agent/core/billed-feed.ts';
import { addExact, decimalText, exactOf } from '../../agent/core/decimal-sum.ts';
import type { Exact } from '../../agent/core/decimal-sum.ts';
import { monthStart, nextMonth, splitByMonth } from '../../agent/core/month.ts';
import { ceilTo, dayMs, minuteMs } from '../../agent/core/time.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import { overlap } from '../../agent/core/window.ts';
import type { Db } from './database.ts';

interface ToldRow {
  readonly day: number;
  readonly words: string;
  /** Null: it was sent and nobody knows whether it arrived, so that whatever the bill says is to be told. */
  readonly cost: string | null;
}

/** One day of one series, before its series has a number. */
interface Difference {
  readonly day: Instant;
  readonly words: string;
  readonly cost: string;
}

/**
 * As the port promises: what the bill says of a month is held against what was told of it, and what differs is the next page.
 * Throws a RangeError where no feed of that name was opened.
 */
export function openBilledFeed(
  db: Db,
  reader: BillReader,
  atomically: <T>(work: () => T) => T,
  name: string,
): BilledFeed {
  const feed = db
    .prepare<[string], { id: number; since: number }>(
      'SELECT id, since_minute AS since FROM feed WHERE name = ?',
    )
    .get(name);
  if (feed === undefined) throw new RangeError(`no feed is called ${name}`);
  const { id: feedId } = feed;
  const since = ceilTo(feed.since * minuteMs, dayMs);
  const told = db.prepare<[number, number, number], ToldRow>(
    `SELECT day, words, cost FROM billed_told JOIN billed_series ON billed_series.id = series_id
     WHERE feed_id = ? AND day >= ? AND day < ?`,
  );
  const addSeries = db.prepare(
    'INSERT INTO billed_series (words) VALUES (?) ON CONFLICT DO NOTHING',
  );
  const seriesId = db
    .prepare<[string], number>('SELECT id FROM billed_series WHERE words = ?')
    .pluck();
  const tell = db.prepare(
    `INSERT INTO billed_told VALUES (?, ?, ?, ?)
     ON CONFLICT (feed_id, day, series_id) DO UPDATE SET cost = excluded.cost`,
  );
  /** By month, which statements told it when nothing of it was left to tell: until another does, it is not read again. */
  const settled = new Map<Instant, string>();
  const currencies = new Set<string>();

  /** To be called inside a transaction, which ends before anything is sent. */
  function pointOf({ day, words, cost }: Difference): BilledPoint {
    addSeries.run(words);
    const series = JSON.parse(words) as BilledSeries;
    const id = seriesId.get(words) as number;
    tell.run(feedId, day / dayMs, id, null);
    return { seriesId: id, series, start: day, end: day + dayMs, cost };
  }

  async function differencesIn(days: Window, spans: readonly BilledDays[]) {
    const bill = billOf(await reader.bills(days), currencies);
    const before = told.all(feedId, days.start / dayMs, days.end / dayMs);
    return differences(bill, before, spans);
  }

  return {
    async next(limit) {
      const all = await reader.billedDays();
      const end = Math.max(since, ...all.map((span) => span.end));
      for (const days of splitByMonth({ start: since, end })) {
        const month = { start: monthStart(days.start), end: nextMonth(days.start) };
        const spans = all.filter((span) => overlap(span, month));
        const statements = JSON.stringify(spans);
        if (settled.get(days.start) === statements) continue;
        const found = await differencesIn(days, spans);
        if (found.length > 0) {
          return atomically(() => ({ points: found.slice(0, limit).map(pointOf) }));
        }
        settled.set(days.start, statements);
      }
      return undefined;
    },
    done: ({ points }) =>
      atomically(() => {
        for (const { start, seriesId: id, cost } of points) {
          tell.run(feedId, start / dayMs, id, cost);
        }
      }),
    otherCurrencies: () => [...currencies].toSorted(),
  };
}

interface Bill {
  /** By day and the words of a series. */
  readonly amounts: ReadonlyMap<string, { readonly day: Instant; words: string; sum: Exact }>;
  /** Account days whose bill was fetched before they were over: nothing is said of them yet. */
  readonly open: ReadonlySet<string>;
}

function billOf(lines: readonly StoredBillLine[], otherCurrencies: Set<string>): Bill {
  const amounts = new Map<string, { readonly day: Instant; words: string; sum: Exact }>();
  const open = new Set<string>();
  for (const line of lines) {
    const { day, cost, currency, fetchedAt } = line;
    const exact = exactOf(cost);
    if (exact === undefined) throw new RangeError(`not an amount: ${cost}`);
    if (fetchedAt < day + dayMs) open.add(accountDay(day, line));
    else if (currency !== 'USD') otherCurrencies.add(currency);
    else {
      const words = JSON.stringify(seriesOf(line));
      const key = `${day} ${words}`;
      const known = amounts.get(key);
      amounts.set(key, { day, words, sum: known ? addExact(known.sum, exact) : exact });
    }
  }
  return { amounts, open };
}

/** What is to be told, oldest first: amounts that are new or changed, and zeros of those that are on no bill any more. */
function differences(
  { amounts, open }: Bill,
  before: readonly ToldRow[],
  spans: readonly BilledDays[],
): readonly Difference[] {
  const told = new Map(before.map((row) => [`${row.day * dayMs} ${row.words}`, row]));
  const found: Difference[] = [];
  for (const [key, { day, words, sum }] of amounts) {
    const cost = decimalText(sum);
    if (told.get(key)?.cost !== cost) found.push({ day, words, cost });
  }
  for (const [key, { day: number, words, cost }] of told) {
    if (cost === '0' || amounts.has(key)) continue;
    const day = number * dayMs;
    const series = JSON.parse(words) as BilledSeries;
    // A day that nobody tells any more was not restated: the ledger has given it up.
    const isTold = spans.some(
      (span) => span.cloud === series.cloud && span.start <= day && day < span.end,
    );
    if (isTold && !open.has(accountDay(day, series))) found.push({ day, words, cost: '0' });
  }
  return found.toSorted((a, b) => a.day - b.day);
}

function accountDay(day: Instant, { cloud, account }: Pick<BilledSeries, 'cloud' | 'account'>) {
  return `${day} ${cloud} ${account}`;
}

/** In one order, so that the same words are the same text. */
function seriesOf(line: StoredBillLine): BilledSeries {
  const { cloud, account, region, resource, service, recordType, meaning } = line;
  const { model, modelVersion, item, routing, tier } =
    typeof meaning === 'string' ? noModel : meaning;
  return {
    cloud,
    account,
    region,
    resource,
    service,
    recordType,
    model,
    modelVersion,
    item,
    routing,
    tier,
  };
}

const noModel = { model: '', modelVersion: '', item: '', routing: '', tier: '' } as const;
