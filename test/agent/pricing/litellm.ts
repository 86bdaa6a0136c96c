import { readFileSync } from 'node:fs';
import type { Cloud } from '../../../agent/core/cloud.ts';
import type { Routing } from '../../../agent/core/dimension.ts';
import type { NanoUsd } from '../../../agent/core/money.ts';
import { nanoOfDecimal } from '../../../agent/pricing/genai/decimal.ts';

/** The day of LiteLLM's list. */
export const litellmAt = Date.UTC(2026, 7, 1);

/** One model of LiteLLM's list: dollars for a million tokens, as decimal text. */
export type LitellmEntry = Readonly<Partial<Record<LitellmItem, string>>> & { readonly id: string };

export const litellmItems = [
  'input',
  'output',
  'cache_read',
  'cache_write',
  'cache_write_1h',
  'input_above_200k',
  'output_above_200k',
  'input_above_272k',
  'output_above_272k',
] as const;
export type LitellmItem = (typeof litellmItems)[number];

export function litellmEntries(): readonly LitellmEntry[] {
  const path = new URL('../../fixtures/prices/litellm-2026-08.json', import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8')) as readonly LitellmEntry[];
}

export function nanoOf(entry: LitellmEntry, item: LitellmItem): NanoUsd | undefined {
  const text = entry[item];
  return text === undefined ? undefined : nanoOfDecimal(text);
}

/** Whose price it is, as LiteLLM's key says it. */
export interface LitellmScope {
  readonly cloud: Cloud;
  /** As the cloud says it. */
  readonly id: string;
  /** Empty where the key names none. */
  readonly region: string;
  /** Of Azure only: a Bedrock id says its own. */
  readonly reach: Routing | '';
}

/** `azure/eu/gpt-5.1`, `bedrock/us-gov-west-1/anthropic.claude-…`, `us.amazon.nova-pro-v1:0` */
export function scopeOf(key: string): LitellmScope {
  const parts = key.split('/');
  const id = parts.at(-1) ?? '';
  const [first = '', second = ''] = parts.slice(0, -1);
  if (first.startsWith('azure') || id === 'computer-use-preview') {
    const reach = second === 'us' || second === 'eu' ? 'data_zone' : 'global';
    return { cloud: 'azure', id, region: '', reach };
  }
  return { cloud: 'aws', id, region: /-\d$/.test(second) ? second : '', reach: '' };
}
