import { createAlertDesk } from '../alerts/alert-desk.ts';
import { createAlertLoop } from '../alerts/alert-loop.ts';
import type { AlertLoop } from '../alerts/alert-loop.ts';
import type { BudgetDeps } from '../alerts/budgets/budget.ts';
import { budgetConditions } from '../alerts/budgets/conditions.ts';
import { holdRhythm } from '../alerts/budgets/rhythm.ts';
import { budgetStatuses } from '../alerts/budgets/statuses.ts';
import { configuredBy } from '../alerts/configured.ts';
import { createDeliveryLoop } from '../alerts/deliver.ts';
import type { DeliveryLoop } from '../alerts/deliver.ts';
import { goneMs, repeatMs } from '../alerts/lifecycle-settings.ts';
import { createAnomalyMemory } from '../alerts/rules/anomaly-memory.ts';
import { ruleConditions } from '../alerts/rules/conditions.ts';
import type { DriftState, RuleDeps } from '../alerts/rules/rule.ts';
import type { Config } from '../config/schema.ts';
import { attemptResults } from '../core/alert-store.ts';
import type { AlertCommands } from '../core/alert-store.ts';
import type { Notifier } from '../core/alert.ts';
import { wholeAudit } from '../core/audit.ts';
import type { Audit } from '../core/audit.ts';
import type { BudgetStatus } from '../core/budget.ts';
import type { Log } from '../core/log.ts';
import type { Price } from '../core/price.ts';
import type { Ledger } from '../core/store.ts';
import { dayMs, floorTo, hourMs } from '../core/time.ts';
import type { Clock, Instant } from '../core/time.ts';
import type { Filters } from '../query/dimensions.ts';
import type { MetricsDeps } from './metrics.ts';
import type { Platform } from './platform.ts';

export interface AlertingDeps {
  readonly config: Config;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  readonly filePrices: () => readonly Price[];
  readonly spendLimitOf: RuleDeps['spendLimitOf'];
}

/** Budgets, rules and alerts of a running agent, before anybody can be told of them. */
export interface Alerting {
  readonly loop: AlertLoop;
  readonly commands: AlertCommands;
  /** How budgets stand, of those that hold nothing outside the scope. */
  budgets(scope: Filters): Promise<readonly BudgetStatus[]>;
  /** What Prometheus is told of them. */
  readonly gauges: Pick<MetricsDeps, 'budgets' | 'deliveries'>;
  /** From now on messages are brought by these. */
  deliverBy(notifiers: readonly Notifier[], random: () => number): DeliveryLoop;
}

export function createAlerting(deps: AlertingDeps): Alerting {
  const { config, ledger, clock, log } = deps;
  const publicUrl = config.publicUrl?.replace(/\/+$/, '');
  let delivery: DeliveryLoop | undefined;
  const wakeDelivery = () => delivery?.wake();
  const desk = createAlertDesk({
    clock,
    ledger,
    settings: {
      repeatMs,
      goneMs,
      isConfigured: configuredBy(config),
      publicUrl: publicUrl ?? null,
    },
  });
  const budgets: BudgetDeps = {
    reader: ledger,
    bills: ledger,
    status: ledger,
    clock,
    budgets: config.budgets,
    teams: config.teams,
    currencies: config.currencies,
    publicUrl,
    rhythm: holdRhythm(),
  };
  const rules = rulesOf(deps, publicUrl);
  const loop = createAlertLoop({
    clock,
    log,
    desk,
    conditions: {
      budgets: async () => (config.budgets.length === 0 ? [] : budgetConditions(budgets)),
      rules: (failed) => ruleConditions(config.rules, rules, clock.now(), failed),
    },
    wakeDelivery,
  });
  return {
    loop,
    commands: told(desk, loop.changed),
    budgets: (scope) => budgetStatuses(budgets, scope),
    gauges: {
      budgets: async () => {
        const statuses = config.budgets.length === 0 ? [] : await budgetStatuses(budgets);
        return statuses.flatMap(({ budget, unit, amount, spent, forecast }) =>
          spent === null ? [] : [{ budget, unit, amount, spent, forecast: forecast?.mean ?? null }],
        );
      },
      async deliveries() {
        const totals = await ledger.attemptTotals();
        return attemptResults.map((result) => ({ result, count: totals[result] }));
      },
    },
    deliverBy(notifiers, random) {
      const put = (messages: Parameters<Ledger['recordStep']>[0]['messages'], at: Instant) =>
        ledger.recordStep({ at, alerts: [], events: [], messages });
      const link = publicUrl ?? null;
      delivery = createDeliveryLoop({ clock, log, random, outbox: ledger, put, notifiers, link });
      return delivery;
    },
  };
}

/** Every notifier of the configuration, with what closes it. */
export async function openNotifiers(
  platform: Platform,
  config: Config,
  opened: (() => Promise<void>)[],
): Promise<readonly Notifier[]> {
  const notifiers: Notifier[] = [];
  for (const settings of config.notifiers) {
    const publicUrl = config.publicUrl ?? null;
    const notifier = await platform.createNotifier(settings, { publicUrl });
    opened.push(() => notifier.close());
    notifiers.push(notifier);
  }
  return notifiers;
}

/** What people do is seen at the next evaluation, which then is soon. */
function told(commands: AlertCommands, changed: () => void): AlertCommands {
  const after = async <T>(done: Promise<T>): Promise<T> => {
    const result = await done;
    changed();
    return result;
  };
  return {
    acknowledge: (...given) => after(commands.acknowledge(...given)),
    keepSilence: (silence) => after(commands.keepSilence(silence)),
    expireSilence: (id) => after(commands.expireSilence(id)),
  };
}

function rulesOf(deps: AlertingDeps, publicUrl: string | undefined): RuleDeps {
  const { config, ledger, filePrices } = deps;
  return {
    reader: ledger,
    status: ledger,
    book: { prices: async () => [...(await ledger.prices()), ...filePrices()] },
    outbox: ledger,
    sources: config.sources.map(({ name }) => name),
    notifiers: config.notifiers.map(({ name }) => name),
    teams: config.teams,
    everySeconds: config.poll.everySeconds,
    spendLimitOf: deps.spendLimitOf,
    drifts: hourlyDrifts(deps.audit),
    publicUrl,
    anomalies: createAnomalyMemory(),
  };
}

/** Bills change a few times a day, and holding them against a month of usage is work: once an hour is enough. */
function hourlyDrifts(audit: Audit): (now: Instant) => Promise<DriftState> {
  let held: { readonly hour: Instant; readonly state: DriftState } | undefined;
  return async (now) => {
    const hour = floorTo(now, hourMs);
    if (held?.hour === hour) return held.state;
    const until = floorTo(now, dayMs);
    const days = { start: until - driftDays * dayMs, end: until };
    const { models } = (await audit(days, now, wholeAudit)).summary();
    held = { hour, state: { models, until } };
    return held.state;
  };
}

const driftDays = 30;
