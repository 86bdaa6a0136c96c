import {
  Dollars,
  Milliseconds,
  PercentUnit,
  Seconds,
  Short,
} from '@grafana/grafana-foundation-sdk/units';
import type { Column } from './infinity.ts';

export function money(selector: string, text: string): Column {
  return { selector, text, type: 'number', unit: Dollars };
}

/** Tokens, requests: anything that is counted. */
export function count(selector: string, text: string): Column {
  return { selector, text, type: 'number', unit: Short };
}

/** 0 to 1. */
export function share(selector: string, text: string): Column {
  return { selector, text, type: 'number', unit: PercentUnit };
}

export function milliseconds(selector: string, text: string): Column {
  return { selector, text, type: 'number', unit: Milliseconds };
}

export function seconds(selector: string, text: string): Column {
  return { selector, text, type: 'number', unit: Seconds };
}

export function words(selector: string, text: string): Column {
  return { selector, text, type: 'string' };
}

export function moment(selector: string, text: string): Column {
  return { selector, text, type: 'timestamp', unit: 'dateTimeAsIso' };
}

/** The bucket's start, by which Infinity makes series. */
export const time: Column = { selector: 'time', text: 'time', type: 'timestamp' };

/** A model that leads to its board. */
export const model: Column = {
  ...words('model', 'Model'),
  link: {
    title: 'One model, two clouds',
    url: '/d/crossbill-one-model?var-datasource=${datasource}&var-model=${__value.raw}&${__url_time_range}',
  },
};

export const cloud = words('cloud', 'Cloud');
export const team = words('team', 'Team');

/** The five token columns of the API: disjoint, so they add up. */
export const tokenTypes: readonly Column[] = [
  count('input_tokens', 'Input'),
  count('cache_read_tokens', 'Cache read'),
  count('cache_write_tokens', 'Cache write'),
  count('unsplit_input_tokens', 'Input, unsplit'),
  count('output_tokens', 'Output'),
];
