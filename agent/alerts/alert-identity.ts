import type { Condition } from '../core/alert.ts';
import { isoUtc } from '../core/time.ts';
import { fingerprintOf } from './fingerprint.ts';

/**
 * The fingerprint of each condition's alert: of its labels, and of the period's start where it has one, so that every
 * period's alert is one of its own. Where labels alone do not tell two conditions apart, their keys do.
 */
export function identified(conditions: readonly Condition[]): ReadonlyMap<string, Condition> {
  const named = new Map<string, Condition[]>();
  for (const condition of conditions) {
    const { labels, period } = condition;
    const whole = period === null ? labels : { ...labels, period: isoUtc(period.start) };
    const fingerprint = fingerprintOf(whole);
    named.set(fingerprint, [...(named.get(fingerprint) ?? []), condition]);
  }
  const found = new Map<string, Condition>();
  for (const [fingerprint, alike] of named) {
    const [only, second] = alike;
    if (only !== undefined && second === undefined) found.set(fingerprint, only);
    else for (const one of alike) found.set(fingerprintOf({ ...one.labels, key: one.key }), one);
  }
  return found;
}
