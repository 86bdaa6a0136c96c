import type { Cloud } from '../core/cloud.ts';
import type { PriceEdition } from '../core/price-store.ts';
import { priceSources } from '../core/price.ts';
import type { Price, PriceSource } from '../core/price.ts';
import type { Instant } from '../core/time.ts';
import { dayMs, isoUtc } from '../core/time.ts';
import { formatCount, formatShare, formatTable, plainText, shorten, wrap } from './format.ts';
import { dayOf, sourceName } from './price-words.ts';
import { whyWords } from './price-usage.ts';
import type { UnpricedTokens } from './price-usage.ts';

/** One layer of the book. */
export interface SourceSummary {
  readonly source: PriceSource;
  /** Null where the book holds no edition of it. */
  readonly version: string | null;
  readonly fetchedAt: Instant | null;
  /** Prices that hold now. */
  readonly prices: number;
  /** Prices of all time. */
  readonly rows: number;
  /** Models with a price that holds now; a word for many is none. */
  readonly models: number;
}

/** The price book in figures. */
export interface BookSummary {
  readonly now: Instant;
  readonly sources: readonly SourceSummary[];
  /** Models with a price of any source that holds now. */
  readonly models: number;
  readonly discounts: number;
  /** Changes of the lists that wait for a person. */
  readonly waiting: number;
  readonly remarks: readonly string[];
  /** Of the last 30 days. */
  readonly tokens: number;
  readonly unpriced: readonly UnpricedTokens[];
}

/** Prices older than this are said. */
const oldAfterDays = 30;

/** Every layer that has prices, an edition, or a cloud that is collected. */
export function summarise(
  prices: readonly Price[],
  editions: readonly PriceEdition[],
  clouds: ReadonlySet<Cloud>,
  now: Instant,
): readonly SourceSummary[] {
  return priceSources.flatMap((source) => {
    const rows = prices.filter((price) => price.source === source && price.from < price.to);
    const edition = editionOf(source, rows, editions);
    const cloud = cloudOf[source];
    const isWanted = cloud !== undefined && clouds.has(cloud);
    if (rows.length === 0 && edition === undefined && !isWanted) return [];
    const holding = rows.filter(({ from, to }) => from <= now && now < to);
    return [
      {
        source,
        version: edition?.version ?? null,
        fetchedAt: edition?.fetchedAt ?? null,
        prices: holding.length,
        rows: rows.length,
        models: modelsOf(holding),
      },
    ];
  });
}

export function modelsOf(prices: readonly Price[]): number {
  const names = new Set(prices.map(({ model }) => model));
  return [...names].filter((name) => name !== '' && !name.endsWith('*')).length;
}

/** The file is no edition of the ledger's: its rows say it. */
function editionOf(
  source: PriceSource,
  [first]: readonly Price[],
  editions: readonly PriceEdition[],
): Omit<PriceEdition, 'source'> | undefined {
  if (source !== 'file') return editions.find((one) => one.source === source);
  return first && { version: first.sourceVersion, fetchedAt: first.fetchedAt };
}

const cloudOf: Readonly<Partial<Record<PriceSource, Cloud>>> = {
  aws_price_list: 'aws',
  azure_retail_prices: 'azure',
};
const cloudNames: Readonly<Record<Cloud, string>> = { aws: 'AWS', azure: 'Azure' };

/**
 * What of the book is too old, or lacks, a sentence each. The packaged defaults count only where a cloud has no list of its
 * own, and the user's file is as old as its agreements.
 */
export function remarksOn(sources: readonly SourceSummary[], now: Instant): readonly string[] {
  if (sources.every(({ source, version }) => source === 'file' || version === null)) {
    return [
      'The ledger holds no prices yet: `crossbill run` puts the packaged defaults into it, `crossbill prices update` the lists of the clouds too.',
    ];
  }
  const remarks: string[] = [];
  const defaults = sources.find(({ source }) => source === 'genai_prices');
  const fetches = '`crossbill prices update` fetches it';
  for (const { source, fetchedAt } of sources) {
    const cloud = cloudOf[source];
    if (cloud === undefined) continue;
    if (fetchedAt !== null) {
      const days = ageDays(fetchedAt, now);
      if (days <= oldAfterDays) continue;
      remarks.push(
        `${sourceName(source)}: ${days} days old; ${fetches} anew, \`prices: { update: daily }\` does so by itself.`,
      );
      continue;
    }
    const age = ageDays(defaults?.fetchedAt ?? now, now);
    const old = age > oldAfterDays ? `, ${age} days old` : '';
    remarks.push(
      `${sourceName(source)}: never fetched, so ${cloudNames[cloud]} is priced by the packaged defaults${old}; ${fetches}.`,
    );
  }
  return remarks;
}

/** Whole days, never below 0. */
function ageDays(fetchedAt: Instant, now: Instant): number {
  return Math.max(0, Math.floor((now - fetchedAt) / dayMs));
}

/** For people, in at most `width` columns. */
export function summaryText(summary: BookSummary, width: number): string {
  const { sources, now, waiting, discounts } = summary;
  const notes = [
    `Models with a price now: ${formatCount(summary.models)}. \`crossbill prices show MODEL\` explains one.`,
    ...(discounts > 0 ? [`Discounts of your file: ${formatCount(discounts)}.`] : []),
    ...(waiting > 0
      ? [
          `${waiting} ${plural('change', waiting)} of the lists ${waiting === 1 ? 'waits' : 'wait'} for you: \`crossbill prices diff\` shows them, \`crossbill prices accept\` takes them.`,
        ]
      : []),
    ...summary.remarks,
  ];
  const rows = sources.map((one) => [
    sourceName(one.source),
    one.version === null ? '–' : shorten(plainText(editionWords(one.source, one.version)), 14),
    one.fetchedAt === null ? 'never' : dayOf(one.fetchedAt).slice(0, 10),
    one.fetchedAt === null ? '–' : `${ageDays(one.fetchedAt, now)}d`,
    formatCount(one.prices),
    formatCount(one.rows - one.prices),
    formatCount(one.models),
  ]);
  const columns = ['SOURCE', 'EDITION', 'AS OF', 'AGE', 'PRICES', 'NOT NOW', 'MODELS'].map(
    (head, index) => ({ head, align: index < 3 ? ('left' as const) : ('right' as const) }),
  );
  return [
    formatTable(columns, rows),
    '',
    ...notes.map((note) => wrap(note, width)),
    '',
    unpricedText(summary, width),
    '',
  ].join('\n');
}

function unpricedText({ unpriced, tokens }: BookSummary, width: number): string {
  if (tokens === 0) return wrap('The ledger holds no tokens of the last 30 days.', width);
  if (unpriced.length === 0) return wrap('Every token of the last 30 days has a price.', width);
  const sum = unpriced.reduce((all, one) => all + one.tokens, 0);
  const share = formatShare(1 - sum / tokens);
  const columns = [
    { head: 'MODEL', align: 'left' },
    { head: 'TOKENS', align: 'right' },
    { head: 'WHY', align: 'left' },
  ] as const;
  const whys = unpriced.map((one) => whyWords(one));
  const room = width - Math.max(...whys.map((why) => why.length)) - 20;
  const rows = unpriced.map((one, index) => [
    shorten(plainText(one.model), Math.max(16, Math.min(60, room))),
    formatCount(one.tokens),
    whys[index] ?? '',
  ]);
  const head = `Tokens without a price in the last 30 days (${share} of all have one):`;
  return `${wrap(head, width)}\n\n${formatTable(columns, rows)}`;
}

/** The part of a version that changes. */
function editionWords(source: PriceSource, version: string): string {
  const [first = '', second = first] = version.split('/');
  return source === 'azure_retail_prices' ? second : first;
}

function plural(word: string, count: number): string {
  return count === 1 ? word : `${word}s`;
}

/** The same for programs. */
export function summaryJson(summary: BookSummary) {
  const { sources, now, unpriced, models, discounts, waiting, remarks, tokens } = summary;
  return {
    at: isoUtc(now),
    sources: sources.map(({ source, version, fetchedAt, prices, rows, models: priced }) => ({
      source,
      version,
      fetched_at: fetchedAt === null ? null : isoUtc(fetchedAt),
      age_days: fetchedAt === null ? null : ageDays(fetchedAt, now),
      prices,
      rows,
      models: priced,
    })),
    models,
    discounts,
    waiting,
    remarks,
    last_30_days: {
      tokens,
      unpriced: unpriced.map(({ why, ...one }) => ({ ...one, reason: why })),
    },
  };
}
