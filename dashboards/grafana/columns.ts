import {
  Dollars,
  Milliseconds,
  PercentUnit,
  Seconds,
  Short,
} from '@grafana/grafana-foundation-sdk/units';
import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import type { ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Column } from './infinity.ts';

/** Dollars, to the cent. */
export function money(selector: string, text: string): Column {
  return { selector, text, type: 'number', unit: Dollars, decimals: 2, width: 100 };
}

/** Dollars as far as they differ from 0, for what costs less than a cent. */
export function price(selector: string, text: string): Column {
  return { selector, text, type: 'number', unit: Dollars, width: 100 };
}

/** Tokens, requests: anything that is counted. */
export function count(selector: string, text: string): Column {
  return { selector, text, type: 'number', unit: Short, width: 90 };
}

/** A number in full, of a unit that another column tells. */
export function amount(selector: string, text: string): Column {
  return { selector, text, type: 'number', unit: 'locale', decimals: 2, width: 95 };
}

/** 0 to 1. */
export function share(selector: string, text: string): Column {
  return { selector, text, type: 'number', unit: PercentUnit, width: 85 };
}

export function milliseconds(selector: string, text: string): Column {
  return { selector, text, type: 'number', unit: Milliseconds, width: 95 };
}

export function seconds(selector: string, text: string): Column {
  return { selector, text, type: 'number', unit: Seconds, width: 95 };
}

/** As it is: a name, an address. */
export function words(selector: string, text: string): Column {
  return { selector, text, type: 'string', width: 115 };
}

/** A word of the API's, such as in_region and usd, for people to read. */
export function code(selector: string, text: string): Column {
  return { ...words(selector, text), mappings: asWords };
}

/** Takes the room that the other columns leave, and as many lines as it needs. */
export function sentence(selector: string, text: string): Column {
  return { selector, text, type: 'string', width: 260, rest: 'lines' };
}

export function moment(selector: string, text: string): Column {
  return { selector, text, type: 'timestamp', unit: 'dateTimeAsIso', width: 158 };
}

/** How long ago, where the moment itself says less. */
export function ago(selector: string, text: string): Column {
  return { selector, text, type: 'timestamp', unit: 'dateTimeFromNow', width: 145 };
}

const asWords: readonly ValueMapping[] = [
  { type: MappingType.ValueToText, options: { usd: { text: 'USD', index: 0 } } },
  { type: MappingType.RegexToText, options: { pattern: '/_/g', result: { text: ' ', index: 1 } } },
];

/** The bucket's start, by which Infinity makes series. */
export const time: Column = { selector: 'time', text: 'time', type: 'timestamp' };

/** A model that leads to its board. */
export const model: Column = {
  ...words('model', 'Model'),
  width: 210,
  rest: 'line',
  link: {
    title: 'One model, two clouds',
    url: '/d/crossbill-one-model?var-datasource=${datasource}&var-model=${__value.raw}&${__url_time_range}',
  },
};

export const cloud: Column = { ...words('cloud', 'Cloud'), width: 75 };
export const team = words('team', 'Team');

/** The five token columns of the API: disjoint, so they add up. */
export const tokenTypes: readonly Column[] = [
  count('input_tokens', 'Input'),
  count('cache_read_tokens', 'Cache read'),
  count('cache_write_tokens', 'Cache write'),
  count('unsplit_input_tokens', 'Input, unsplit'),
  count('output_tokens', 'Output'),
];
