import type { AlertCommands, AlertReader, AlertStep, AlertWriter } from '../core/alert-store.ts';
import type { Condition, TrackedAlert } from '../core/alert.ts';
import type { Instant } from '../core/time.ts';
import { rearmed } from './lifecycle-begin.ts';
import { noted } from './lifecycle-note.ts';
import type { LifecycleSettings, Turn } from './lifecycle-settings.ts';
import { step } from './lifecycle.ts';

/**
 * Where every change of alerts and silences is made, one after the other: nobody writes over what another wrote since it was
 * read. Each is on disk when its promise resolves.
 */
export interface AlertDesk extends AlertCommands {
  /**
   * One evaluation.
   * @param isJudged of which alerts the conditions tell all there is; the others are left as they are
   */
  evaluate(
    conditions: readonly Condition[],
    isJudged: (alert: Pick<TrackedAlert, 'kind' | 'name'>) => boolean,
  ): Promise<AlertStep>;
  /** Lets a period's alert fire once more in its period; false where there is none of that fingerprint. */
  rearm(fingerprint: string, by: string): Promise<boolean>;
  /** Deletes what ended before that. */
  forget(before: Instant): Promise<void>;
}

export interface AlertDeskDeps {
  readonly clock: { now(): Instant };
  readonly ledger: AlertWriter & AlertReader;
  readonly settings: LifecycleSettings;
}

export function createAlertDesk({ clock, ledger, settings }: AlertDeskDeps): AlertDesk {
  let last: Promise<unknown> = Promise.resolve();

  /** In turn, whatever became of the one before. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = last.then(work, work);
    last = turn;
    return turn;
  }

  async function alertOf(fingerprint: string): Promise<TrackedAlert | undefined> {
    return (await ledger.alerts()).find((alert) => alert.fingerprint === fingerprint);
  }

  function record({ alert, events }: Turn, at: Instant): void {
    ledger.recordStep({ at, alerts: [alert], events, messages: [] });
  }

  return {
    evaluate: (conditions, isJudged) =>
      inTurn(async () => {
        const [alerts, silences] = await Promise.all([ledger.alerts(), ledger.silences()]);
        const judged = alerts.filter(isJudged);
        const change = step({ alerts: judged, silences }, conditions, clock.now(), settings);
        const { messages, events } = change;
        if (change.alerts.length + messages.length + events.length > 0) ledger.recordStep(change);
        return change;
      }),
    acknowledge: (fingerprint, by, note) =>
      inTurn(async () => {
        const alert = await alertOf(fingerprint);
        if (alert === undefined) return 'unknown';
        if (alert.state !== 'firing') return 'not_firing';
        const at = clock.now();
        const acknowledged = { by, at, note };
        const said = `Acknowledged by ${by}${note === '' ? '.' : `: ${note}`}`;
        record(noted({ ...alert, acknowledged }, at, said), at);
        return 'done';
      }),
    rearm: (fingerprint, by) =>
      inTurn(async () => {
        const alert = await alertOf(fingerprint);
        if (alert === undefined) return false;
        const at = clock.now();
        record(rearmed(alert, at, `Armed again by ${by}.`), at);
        return true;
      }),
    keepSilence: (silence) => inTurn(async () => ledger.keepSilence(silence)),
    expireSilence: (id) => inTurn(async () => ledger.expireSilence(id, clock.now())),
    forget: (before) => inTurn(async () => ledger.forgetAlerts(before)),
  };
}
