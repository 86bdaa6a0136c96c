import type { Confidence } from '../core/dimension.ts';
import { knownModels } from './known-models.ts';

/** What the rules below the alias say a word means. */
export interface Found {
  readonly model: string;
  /** Empty when unknown. */
  readonly version: string;
  readonly confidence: Confidence;
}

const canonicalForm = /^[a-z0-9-]+\/[a-z0-9.:-]+$/;

export function isCanonical(model: string): boolean {
  return canonicalForm.test(model);
}

/** The model that a customised copy was made from; any other model itself. */
export function baseOf(model: string): string {
  return model.replace(/:ft$/, '');
}

/**
 * Joins developer and name, then looks both `key` (a cloud's own word) and the result up in the bundled map. Undefined
 * where the parts do not make a canonical id.
 */
export function found(
  developer: string,
  name: string,
  version: string,
  key = '',
): Found | undefined {
  const parsed = `${developer}/${name}`;
  if (!isCanonical(parsed)) return undefined;
  const base = baseOf(parsed);
  const known = knownModels.get(key) ?? knownModels.get(base);
  if (known === undefined) return { model: parsed, version, confidence: 'parsed' };
  return { model: `${known}${parsed.slice(base.length)}`, version, confidence: 'bundled' };
}
