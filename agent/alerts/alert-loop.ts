import type { Condition } from '../core/alert.ts';
import type { Log } from '../core/log.ts';
import { dayMs, minuteMs, secondMs } from '../core/time.ts';
import type { Clock } from '../core/time.ts';
import type { AlertDesk } from './alert-desk.ts';
import { createBell } from './bell.ts';

/** One way to conditions. Those of kind `budget` come from `budgets`, all others from `rules`. */
export interface ConditionSources {
  readonly budgets: () => Promise<readonly Condition[]>;
  /** @param failed told of a rule that fails alone: what it said before stays */
  readonly rules: (failed: (rule: string, error: unknown) => void) => Promise<readonly Condition[]>;
}

export interface AlertLoopDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly desk: AlertDesk;
  readonly conditions: ConditionSources;
  /** Messages were put into the outbox. */
  readonly wakeDelivery: () => void;
}

/** What looks whether something is to be told: soon after anything changed, and every minute. */
export interface AlertLoop {
  /** The ledger, a silence or an acknowledgement changed. Costs nothing. */
  readonly changed: () => void;
  /** Until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

const everyMs = minuteMs;
/** So long more is waited for that changes with it; longer where an evaluation takes long, that it is not all that is done. */
const gatherMs = secondMs;
const longestGatherMs = 3 * secondMs;
/** Before the name of a rule, where it is what fails. */
const ofRule = 'rule ';

/** A fifth of the time at most is spent on it, a third where it takes so long that nobody is told in time otherwise. */
function gatherAfter(tookMs: number): number {
  const calm = Math.min(longestGatherMs, Math.max(gatherMs, 4 * tookMs));
  return Math.min(everyMs, Math.max(calm, 2 * tookMs));
}

/** Longer than any period, so that what fired in one is not forgotten in it. */
const keptMs = 120 * dayMs;

export function createAlertLoop(deps: AlertLoopDeps): AlertLoop {
  const { clock, log, desk, wakeDelivery } = deps;
  const bell = createBell();
  const troubles = new Map<string, string>();
  let forgetAt = 0;

  /** Says once that something fails, and once that it does not any more. */
  function hear(doing: string, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (troubles.get(doing) === message) return;
    troubles.set(doing, message);
    log.error(`${doing} cannot be evaluated; what was said before stays, heartbeats are held`, {
      message,
    });
  }

  /** Of rules that failed alone, by name: says each once, and once that it does not fail any more. */
  function hearOfRules(failures: ReadonlyMap<string, unknown>): void {
    for (const [name, error] of failures) hear(`${ofRule}${name}`, error);
    for (const doing of troubles.keys()) {
      if (!doing.startsWith(ofRule) || failures.has(doing.slice(ofRule.length))) continue;
      troubles.delete(doing);
      log.info(`${doing} is evaluated again`);
    }
  }

  async function conditionsOf(
    name: keyof ConditionSources,
    failed: (rule: string, error: unknown) => void = () => undefined,
  ): Promise<readonly Condition[] | null> {
    try {
      const found = await deps.conditions[name](failed);
      if (troubles.delete(name)) log.info(`${name} are evaluated again`);
      return found;
    } catch (error) {
      hear(name, error);
      return null;
    }
  }

  async function evaluate(): Promise<void> {
    const failures = new Map<string, unknown>();
    const budgets = await conditionsOf('budgets');
    const rules = await conditionsOf('rules', (rule, error) => void failures.set(rule, error));
    if (rules !== null) hearOfRules(failures);
    const isWhole = budgets !== null && rules !== null && failures.size === 0;
    // A heartbeat says that all of it works.
    const found = [...(budgets ?? []), ...(rules ?? [])].filter(
      ({ kind }) => isWhole || kind !== 'heartbeat',
    );
    const step = await desk.evaluate(found, ({ kind, name }) => {
      if (kind === 'budget') return budgets !== null;
      return rules !== null && !failures.has(name) && (isWhole || kind !== 'heartbeat');
    });
    if (step.messages.length > 0) wakeDelivery();
    for (const { fingerprint, from, to } of step.events) {
      log.debug('alert changed', { fingerprint, from, to });
    }
  }

  return {
    changed: bell.ring,
    async run(signal) {
      let gather = gatherMs;
      for (;;) {
        await bell.sleep(clock, everyMs - gather, signal);
        await clock.sleep(gather, signal);
        if (signal.aborted) return;
        const began = clock.now();
        try {
          await evaluate();
          if (troubles.delete('alerts')) log.info('alerts are evaluated again');
          if (clock.now() >= forgetAt || forgetAt - clock.now() > dayMs) {
            await desk.forget(clock.now() - keptMs);
            forgetAt = clock.now() + dayMs;
          }
        } catch (error) {
          hear('alerts', error);
        }
        gather = gatherAfter(clock.now() - began);
      }
    },
  };
}
