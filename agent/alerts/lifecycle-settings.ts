import type { Alert, AlertEvent, Silence, TrackedAlert } from '../core/alert.ts';
import { hourMs } from '../core/time.ts';

/** What the lifecycle goes by, beside conditions and time. */
export interface LifecycleSettings {
  /** How long after the last message a firing rule is told of again, while nobody acknowledged it. Milliseconds. */
  readonly repeatMs: number;
  /** How long a firing alert may go unnamed before it counts as over: its series is gone. Milliseconds. */
  readonly goneMs: number;
  /** Whether the configuration still holds the budget or rule that the alert is of. */
  readonly isConfigured: (alert: Pick<Alert, 'name' | 'kind'>) => boolean;
  /** Where people reach the agent, without a slash at the end; null where nobody said. */
  readonly publicUrl: string | null;
}

export const repeatMs = 4 * hourMs;
export const goneMs = hourMs;

/** Alerts and silences as they stand. */
export interface LifecycleState {
  readonly alerts: readonly TrackedAlert[];
  readonly silences: readonly Silence[];
}

/** An alert after one moment, and what is written down of the change. */
export interface Turn {
  readonly alert: TrackedAlert;
  readonly events: readonly AlertEvent[];
}

export function isActive({ state }: Pick<Alert, 'state'>): boolean {
  return state === 'pending' || state === 'firing';
}
