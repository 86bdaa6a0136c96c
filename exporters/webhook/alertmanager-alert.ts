import type { Alert, AlertMessage } from '../../agent/core/alert.ts';
import type { Labels } from '../../agent/core/cloud.ts';
import { isoUtc } from '../../agent/core/time.ts';
import { clipped } from './text.ts';

/** Longer texts of an alert are cut, in characters. */
const mostCharacters = 2_000;

export function isOver({ state }: Alert): boolean {
  return state === 'resolved' || state === 'corrected';
}

export function startsAt(alert: Alert): string {
  return isoUtc(alert.firedAt ?? alert.activeAt);
}

/** Where a person sees the alert; empty where nobody said where the agent is reached. */
export function generatorUrl(alert: Alert, message: AlertMessage): string {
  return alert.annotations['link'] ?? message.link ?? '';
}

export function clippedLabels(labels: Labels): Labels {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [name, clipped(value, mostCharacters)]),
  );
}

/** What all of them say alike. */
export function commonOf(all: readonly Labels[]): Labels {
  const [first = {}, ...others] = all;
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((one) => one[name] === value)),
  );
}
