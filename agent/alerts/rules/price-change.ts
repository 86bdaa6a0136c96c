import { priceKey } from '../../core/listed-prices.ts';
import { toUsd } from '../../core/money.ts';
import type { Price } from '../../core/price.ts';
import { dayMs, isoUtc } from '../../core/time.ts';
import type { Instant } from '../../core/time.ts';
import { createBook } from '../../pricing/book.ts';
import { lookUp } from '../../pricing/lookup.ts';
import type { Traffic } from '../../pricing/scope.ts';
import type { Evaluate } from './evaluator.ts';
import type { LastDay } from './reads.ts';
import type { Finding } from './rule.ts';
import { busiest } from './series.ts';
import { noData } from './threshold.ts';
import { percentText, plural, usdText } from './words.ts';

/** One price that is another since yesterday. */
interface Move {
  readonly before: Price;
  readonly after: Price;
  /** 0.15 is 15 % dearer. */
  readonly by: number;
}

/**
 * Whether a price that is paid is another than a day ago: of each cloud and model with traffic in the last 24 hours the
 * price that moved most. It is met for a day, so that a change is told once.
 */
export const priceChange: Evaluate = async (_rule, threshold, reads) => {
  const { now } = reads;
  const [prices, day] = await Promise.all([reads.prices(), reads.lastDay()]);
  if (prices.length === 0) return [noData({}, threshold, now, 'the price book is empty')];
  const used = usedTraffic(day);
  if (used.size === 0) return [noData({}, threshold, now, 'no traffic in the last 24 h')];
  const moves = movesOf(prices, now);
  const { kept, told } = busiest([...used.values()], ({ tokens }) => tokens);
  return kept.map(({ traffics, cloud, model }): Finding => {
    const own = moves.length === 0 ? [] : felt(moves, prices, traffics, now);
    const worst = own.toSorted((a, b) => Math.abs(b.by) - Math.abs(a.by))[0];
    const size = Math.abs(worst?.by ?? 0);
    return {
      series: { cloud, model },
      state: size > threshold ? 'met' : 'clear',
      value: size,
      threshold,
      dataUntil: now,
      summary:
        worst === undefined
          ? `${model} on ${cloud}: no price moved since yesterday`
          : moveText(worst, own.length, cloud, model),
      ...(told === undefined ? {} : { description: told }),
    };
  });
};

function moveText({ before, after, by }: Move, moved: number, cloud: string, model: string) {
  const unit = after.item === 'unit_hour' ? 'a unit-hour' : 'a million tokens';
  const where = [after.region, after.routing, after.tier].filter((word) => word !== '');
  const others = moved > 1 ? `; ${plural(moved, 'price')} moved` : '';
  return (
    `${model} on ${cloud}${where.length === 0 ? '' : ` (${where.join(', ')})`}: ${after.item} ` +
    `${usdText(toUsd(before.nanoUsd))} → ${usdText(toUsd(after.nanoUsd))} ${unit} ` +
    `(${by < 0 ? '−' : '+'}${percentText(Math.abs(by))}) from ${isoUtc(after.from).slice(0, 10)}, ` +
    `by ${after.source}${others}`
  );
}

interface Used {
  readonly cloud: string;
  readonly model: string;
  readonly traffics: readonly Traffic[];
  readonly tokens: number;
}

/** By cloud and model, the kinds of traffic there were. */
function usedTraffic({ contributors, rows }: LastDay): ReadonlyMap<string, Used> {
  const found = new Map<string, Used & { traffics: Traffic[]; tokens: number }>();
  const seen = new Set<string>();
  for (const { identity } of contributors) {
    const row = rows.get(identity.id);
    const tokens = (row?.input ?? 0) + (row?.unsplitInput ?? 0) + (row?.output ?? 0);
    if (tokens === 0) continue;
    const { cloud, model, modelVersion, account, region, routing, tier } = identity;
    const key = `${cloud} ${model}`;
    const one = found.get(key) ?? { cloud, model, traffics: [], tokens: 0 };
    found.set(key, one);
    one.tokens += tokens;
    const kind = [cloud, model, modelVersion, account, region, routing, tier].join(' ');
    if (seen.has(kind)) continue;
    seen.add(kind);
    one.traffics.push({ cloud, model, modelVersion, account, region, routing, tier });
  }
  return found;
}

/**
 * Rows that began or were learned of within a day, with what they replaced. A book that is taken in whole has its history
 * with it: what was replaced in the same edition is no news unless it took effect today.
 */
function movesOf(prices: readonly Price[], now: Instant): readonly Move[] {
  const since = now - dayMs;
  const fresh = prices.filter((price) => {
    const learned = price.fetchedAt > since && price.fetchedAt <= now;
    return price.from <= now && price.to > now && (price.from > since || learned);
  });
  if (fresh.length === 0) return [];
  const ended = new Map(prices.map((price) => [`${priceKey(price)}@${price.to}`, price]));
  return fresh.flatMap((after) => {
    const before = ended.get(`${priceKey(after)}@${after.from}`);
    if (before === undefined || before.nanoUsd === after.nanoUsd) return [];
    if (after.from <= since && before.fetchedAt >= after.fetchedAt) return [];
    const [old, latest] = [toUsd(before.nanoUsd), toUsd(after.nanoUsd)];
    return [{ before, after, by: old === 0 ? 1 : latest / old - 1 }];
  });
}

/** Those of which the new price is what some traffic pays: no other row goes before it. */
function felt(
  moves: readonly Move[],
  prices: readonly Price[],
  traffics: readonly Traffic[],
  now: Instant,
): readonly Move[] {
  const book = createBook(prices, []);
  return moves.filter(({ after }) =>
    traffics.some((traffic) =>
      lookUp(book, after.item, traffic, now).some(
        ({ short, long }) => short === after || long === after,
      ),
    ),
  );
}
