import { nanoPerUsd } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';
import { endOfTime, startOfTime } from '../core/price.ts';
import type { Price, PriceItem } from '../core/price.ts';
import { isoUtc } from '../core/time.ts';
import type { Instant } from '../core/time.ts';

/** `2.50`, `0.0375`: exact, at least two digits after the point. */
export function exactUsd(nano: NanoUsd): string {
  const size = nano < 0n ? -nano : nano;
  const rest = String(size % nanoPerUsd).padStart(9, '0');
  const digits = rest.replace(/0+$/, '').padEnd(2, '0');
  const whole = (size / nanoPerUsd).toLocaleString('en-US');
  return `${nano < 0n ? '-' : ''}${whole}.${digits}`;
}

/** `+12.50`, `-0.0012`: to the cent, below it as exact as there is room. */
export function signedUsd(nano: NanoUsd): string {
  return `${nano > 0n ? '+' : ''}${roundedUsd(nano)}`;
}

/** To the cent; what is less than a cent to four digits. */
export function roundedUsd(nano: NanoUsd): string {
  const usd = Number(nano) / Number(nanoPerUsd);
  const digits = nano !== 0n && Math.abs(usd) < 0.01 ? 4 : 2;
  return usd.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

const sources: Readonly<Record<string, string>> = {
  file: 'your prices file',
  aws_price_list: 'AWS Price List',
  azure_retail_prices: 'Azure Retail Prices',
  genai_prices: 'packaged defaults',
};

export function sourceName(source: string): string {
  return sources[source] ?? source;
}

const items: Readonly<Record<PriceItem, string>> = {
  input: 'input',
  cache_read: 'cache read',
  cache_write: 'cache write',
  output: 'output',
  unit_hour: 'capacity by the hour',
};

export function itemName(item: PriceItem): string {
  return items[item];
}

/** What a price is of: `cache write kept 1h, over 200,000`. */
export function thingOf({ item, band, thresholdTokens, cacheTtl }: Price): string {
  const kept = cacheTtl === '' ? '' : ` kept ${cacheTtl}`;
  return `${itemName(item)}${kept}${bandWords(band, thresholdTokens)}`;
}

/** `, over 200,000`: of requests with more input tokens. */
export function bandWords(band: Price['band'], thresholdTokens: number | null): string {
  if (band === 'any') return '';
  const tokens = thresholdTokens === null ? 'some tokens' : thresholdTokens.toLocaleString('en-US');
  return band === 'long' ? `, over ${tokens}` : `, up to ${tokens}`;
}

/** `2026-11-23`; with the minute where it is not midnight. */
export function dayOf(instant: Instant): string {
  if (instant === startOfTime) return 'always';
  if (instant >= endOfTime) return 'further notice';
  const text = isoUtc(instant);
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text.slice(0, 16).replace('T', ' ');
}
