import type {
  ExplainedCard,
  ExplainedPart,
  ExplainedPeriod,
  ExplainedPrice,
} from '../query/explanation.ts';
import { formatCount, formatTable, plainText, wrap } from './format.ts';
import type { TableColumn } from './format.ts';

/** Prices and money of one part. */
export function moneyText(part: ExplainedPart, of: string, width: number): readonly string[] {
  const types = new Set(part.periods.flatMap(({ lines }) => lines.flatMap(pricedBy)));
  if (types.size === 0 && part.cards.length > 0) return [`MONEY${of}\n  no tokens, so no cost`];
  const cards = part.cards.map((card) => cardText(card, types, width));
  const [only] = part.periods;
  const isOne = part.periods.length === 1;
  const money = isOne && only !== undefined ? periodText(only) : periodsText(part.periods, width);
  const reasons = part.reasons.map(({ word, explanation }) =>
    indented(`a range for ${word}: ${explanation}`, width, 2),
  );
  return [
    `PRICES${of}\n${cards.length === 0 ? '  none: it was never rated' : cards.join('\n')}`,
    [`MONEY${of}`, money, ...reasons, ...calibrationText(part, width)].join('\n'),
  ];
}

/** Said of what is a range: where what is taken to hold in it comes from. */
function calibrationText({ calibration }: ExplainedPart, width: number): readonly string[] {
  if (calibration.state === 'not_needed') return [];
  return [indented(`${calibration.state}: ${calibration.explanation}`, width, 2)];
}

/** By whose prices an amount is rated: unsplit input by those of all that it may have been. */
function pricedBy({ token_type: type }: ExplainedPeriod['lines'][number]): readonly string[] {
  return type === 'unsplit_input' ? ['input', 'cache_read', 'cache_write'] : [type];
}

function cardText(card: ExplainedCard, types: ReadonlySet<string>, width: number): string {
  const from = card.from === null ? undefined : dayText(card.from);
  const since = from === undefined ? 'at all times' : `from ${from}`;
  const until = card.to === null ? '' : ` to ${dayText(card.to)}`;
  const rates = card.rates.filter((rate) => types.has(rate.token_type)).map(rateText);
  const isBanded = card.rates.some((rate) => rate.context_band === 'long');
  const threshold =
    isBanded && card.threshold_tokens !== null
      ? [`long: requests of more than ${formatCount(card.threshold_tokens)} input tokens`]
      : [];
  const prices = card.prices.filter(
    ({ token_type: type }) => types.has(type) || type === 'unit_hour',
  );
  const lines = [
    ...rates,
    ...threshold,
    ...rowsText(prices),
    ...(card.unpriced === null ? [] : [card.unpriced]),
  ];
  return [
    indented(`${card.id}  ${since}${until}, in dollars for a million tokens`, width, 2),
    ...lines.map((line) => indented(line, width, 4)),
  ].join('\n');
}

/** `2026-11-10`, with the time of day where it is not its beginning. */
function dayText(time: string): string {
  const clock = time.slice(11, 16);
  return clock === '00:00' ? time.slice(0, 10) : `${time.slice(0, 10)} ${clock} UTC`;
}

function rateText(rate: ExplainedCard['rates'][number]): string {
  const { low_usd_per_million: low, high_usd_per_million: high, usd_per_million: best } = rate;
  const band = rate.context_band === 'any' ? '' : ` ${rate.context_band}`;
  const range = low === high ? '' : `, between ${low} and ${high}`;
  const made = rate.text === null || rate.text === best ? '' : ` (${rate.text})`;
  return `${rate.token_type}${band} ${best}${made}${range}`;
}

/** Rows of one entry of a price list stand together. */
function rowsText(prices: readonly ExplainedPrice[]): readonly string[] {
  const entries = new Map<string, string[]>();
  for (const price of prices) {
    const place = placeText(price);
    entries.set(place, [...(entries.get(place) ?? []), amountText(price)]);
  }
  return Array.from(entries, ([place, amounts]) => `from ${place}: ${amounts.join(', ')}`);
}

function placeText(price: ExplainedPrice): string {
  const scope = Object.entries(price.scope).map(([name, word]) => `${name} ${word}`);
  const until = price.effective_to === null ? '' : ` to ${dayText(price.effective_to)}`;
  const since = price.effective_from === null ? 'undated' : `from ${dayText(price.effective_from)}`;
  const words = [price.source, price.source_version, price.reference].filter((one) => one !== '');
  return `${words.join(' ')}, ${since}${until} (${scope.join(', ') || 'everywhere'})`;
}

function amountText(price: ExplainedPrice): string {
  const { token_type: type, usd, factor, price_of: of } = price;
  const band = price.context_band === 'any' ? '' : ` ${price.context_band}`;
  const ttl = price.cache_ttl === '' ? '' : ` kept ${price.cache_ttl}`;
  const own = of === null || of === type ? '' : ` (its price of ${of})`;
  const range = price.best ? '' : ', of the range only';
  if (usd === null) return `${type} times ${factor}${range}`;
  const times = factor === '1' ? '' : ` times ${factor}`;
  const per = price.per === 'unit_hour' ? ' an hour' : '';
  return `${type}${band}${ttl} ${usd}${per}${times}${own}${range}`;
}

/** Tokens times dollars, line by line, and the sum. */
function periodText(period: ExplainedPeriod): string {
  const { lines, cost_usd: cost, cost_low_usd: low, cost_high_usd: high } = period;
  if (lines.length === 0) return '  nothing was rated';
  const isRange = low !== high;
  const columns: readonly TableColumn[] = [
    { head: 'TOKEN TYPE', align: 'left' },
    { head: 'TOKENS', align: 'right' },
    ...(isRange
      ? (['LOW $/M', 'BEST $/M', 'HIGH $/M'] as const).map((head) => ({
          head,
          align: 'right' as const,
        }))
      : [
          { head: '$/M', align: 'right' as const },
          { head: 'USD', align: 'right' as const },
        ]),
  ];
  const rows = lines.map((line) => [
    line.token_type,
    formatCount(line.tokens),
    ...(isRange
      ? [line.low_usd_per_million, line.usd_per_million, line.high_usd_per_million]
      : [line.usd_per_million, line.usd]
    ).map((text) => text ?? 'no price'),
  ]);
  const sums = isRange ? [low, cost, high] : ['', cost];
  const foot = ['cost, rounded', '', ...sums.map((text) => text ?? '–')];
  const notes = [
    bandText(period),
    ...(period.unpriced_tokens > 0 && lines.some((line) => line.usd_per_million === null)
      ? [`  ${formatCount(period.unpriced_tokens)} tokens have no price`]
      : []),
  ].filter((line) => line !== '');
  const table = formatTable(columns, rows, foot).replaceAll(/^/gm, '  ');
  return [table, ...notes].join('\n');
}

function bandText({ context_band: band, most_input_tokens: most }: ExplainedPeriod): string {
  if (band === null || band === 'any') return '';
  const largest =
    most === null
      ? 'no meter tells the largest request'
      : `no request had more than ${formatCount(most)} input tokens`;
  return band === 'short'
    ? `  band short: all input, or every request, is below the threshold`
    : `  either band: ${largest}`;
}

const perMinute: readonly TableColumn[] = [
  { head: 'TIME', align: 'left' },
  { head: 'CARD', align: 'left' },
  { head: 'TOKENS', align: 'right' },
  { head: 'LOW USD', align: 'right' },
  { head: 'COST USD', align: 'right' },
  { head: 'HIGH USD', align: 'right' },
];

/** Each row of the ledger by itself: they are rounded one by one. */
function periodsText(periods: readonly ExplainedPeriod[], width: number): string {
  const rows = periods.map((period) => [
    period.time.slice(11, 16),
    period.card ?? '–',
    formatCount(period.lines.reduce((sum, { tokens }) => sum + tokens, 0)),
    period.cost_low_usd ?? '–',
    period.cost_usd ?? '–',
    period.cost_high_usd ?? '–',
  ]);
  const table = formatTable(perMinute, rows).replaceAll(/^/gm, '  ');
  const more = indented(
    'Each of these is rated and rounded by itself; --json has their tokens by type, --at with step 1m walks one back.',
    width,
    2,
  );
  return `${table}\n${more}`;
}

function indented(text: string, width: number, by: number): string {
  return wrap(plainText(text), width - by - 2)
    .split('\n')
    .map((line, index) => `${' '.repeat(index === 0 ? by : by + 2)}${line}`)
    .join('\n');
}
