import { tokenItems } from '../core/price.ts';
import type { PriceOrigin, RateCard, RateRange, RatingSubject } from '../core/rating.ts';
import { formatInstant, formatTable, plainText, wrap } from './format.ts';
import { whyWords } from './price-usage.ts';
import { bandWords, exactUsd, itemName, sourceName } from './price-words.ts';
import type { Explained, ShownPrices } from './prices-show-json.ts';
import { itemText } from './prices-steps-text.ts';
import type { ShowSetting } from './prices-steps-text.ts';

/** Kinds of traffic in the table; `--json` has all. */
const mostKinds = 12;

/** Which price holds and why: the kinds of traffic, then for the first of them every step and what comes out. */
export function showText(shown: ShownPrices, setting: ShowSetting): string {
  const { word, model, at, explained } = shown;
  const [first] = explained;
  if (first === undefined) throw new Error('there is always some traffic to explain');
  const taken = word === model ? '' : ` (asked for as ${plainText(word)})`;
  const parts = [
    `${plainText(model)}${taken}, by the prices of ${formatInstant(at)} UTC.`,
    ...kindsOf(shown),
    `USD for a million tokens of ${subjectWords(first.subject)}:`,
    ratesText(first, setting.width),
    'Step by step:',
  ].map((text) => (text.includes('\n') ? text : wrap(text, setting.width)));
  const steps = first.items.map((item) => itemText(first, item, setting));
  return `${[...parts, ...steps].join('\n\n')}\n`;
}

function kindsOf({ explained, from }: ShownPrices): readonly string[] {
  if (from === 'asked') {
    return [
      'The ledger has no such traffic in the last 30 days, so what was not asked for is taken from what there is. --cloud, --region, --routing, --tier and --account ask for other traffic.',
    ];
  }
  if (explained.length === 1) return [];
  const columns = ['CLOUD', 'REGION', 'ROUTING', 'TIER', 'INPUT', 'CACHED', 'WRITTEN', 'OUTPUT'];
  const rows = explained
    .slice(0, mostKinds)
    .map(({ subject, card }) => [
      subject.cloud,
      subject.region,
      subject.routing,
      subject.tier,
      ...(['input', 'cache_read', 'cache_write', 'output'] as const).map((item) =>
        card.perToken ? bestOf(card.short[item]) : 'hourly',
      ),
    ]);
  const unique = [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()];
  const table = formatTable(
    columns.map((head, index) => ({ head, align: index < 4 ? 'left' : 'right' })),
    unique,
  );
  const left = explained.length - mostKinds;
  const more = left > 0 ? `\n… and ${left} more kinds; --json tells all of them` : '';
  return [
    'Traffic of the last 30 days, the most used first, in USD for a million tokens:',
    `${table}${more}`,
    '--cloud, --region, --routing, --tier and --account choose another than the first.',
  ];
}

function bestOf(range: RateRange | undefined): string {
  return range === undefined ? '–' : exactUsd(range.best);
}

function subjectWords({ cloud, region, routing, tier, account, modelVersion }: RatingSubject) {
  const words = [cloud, region, `routing ${routing}`, `tier ${tier}`];
  if (account !== '') words.push(`account ${account}`);
  if (modelVersion !== '') words.push(`version ${modelVersion}`);
  return plainText(words.filter((word) => word !== '').join(', '));
}

/** What comes out: the card by which the ledger rates. */
function ratesText({ card, items }: Explained, width: number): string {
  if (!card.perToken) {
    const hours = items.find(({ item }) => item === 'unit_hour')?.quote;
    const price = hours === undefined ? 'have no price' : `cost ${exactUsd(hours.short.best)} each`;
    return wrap(
      `Tokens of provisioned capacity cost nothing by themselves; its unit-hours ${price}, used or not.`,
      width,
    );
  }
  const ranged = tokenItems.some((item) =>
    [card.short[item], card.long?.[item]].some((range) => range && range.low !== range.high),
  );
  const rows = tokenItems.flatMap((item) => cardRows(card, item, ranged));
  const columns = [
    { head: 'OF', align: 'left' as const },
    ...(ranged ? ['BEST', 'LOW', 'HIGH'] : ['PRICE']).map((head) => ({
      head,
      align: 'right' as const,
    })),
    { head: 'FROM', align: 'left' as const },
  ];
  const why = card.unpriced;
  const missing = tokenItems.filter((item) => card.short[item] === undefined);
  const note =
    why === undefined
      ? ''
      : `\n\n${wrap(`Tokens without a price are counted, never 0: ${whyWords({ why, items: missing })}.`, width)}`;
  return `${formatTable(columns, rows)}${note}`;
}

function cardRows(card: RateCard, item: (typeof tokenItems)[number], ranged: boolean) {
  const short = card.short[item];
  const nothing = ranged ? ['–', '–', '–'] : ['–'];
  if (short === undefined) return [[itemName(item), ...nothing, '']];
  const from = sourcesOf(card.origins[item] ?? []);
  const rowOf = (of: string, { low, best, high }: RateRange) => [
    of,
    ...(ranged ? [best, low, high] : [best]).map((nano) => exactUsd(nano)),
    from,
  ];
  const long = card.long?.[item];
  if (long === undefined || long.best === short.best) return [rowOf(itemName(item), short)];
  const over = bandWords('long', card.thresholdTokens);
  return [rowOf(itemName(item), short), rowOf(`${itemName(item)}${over}`, long)];
}

function sourcesOf(origins: readonly PriceOrigin[]): string {
  return [...new Set(origins.map(({ source }) => sourceName(source)))].join(', ');
}
