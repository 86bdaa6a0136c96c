import type { AlertUnit, Certainty, Condition } from '../../core/alert.ts';
import type { BudgetStatus } from '../../core/budget.ts';
import { isoUtc } from '../../core/time.ts';
import type { Instant } from '../../core/time.ts';
import type { BudgetAlert, BudgetDeps } from './budget.ts';
import { burnOf } from './burn.ts';
import type { Burn } from './burn.ts';
import { driverFinder } from './driver.ts';
import type { Driver, FindDriver } from './driver.ts';
import { evaluateBudgets } from './evaluate.ts';
import type { EvaluatedBudget, Evaluation } from './evaluate.ts';
import { measureOf } from './status.ts';
import { amountText, durationText, percentText, summaryOf } from './words.ts';

/** A forecast or a rate this far below its threshold lets go of what fires; in between it goes on. */
const letsGoBelow = 0.95;

/** Less than that may still change: settled. */
const provisionalShare = 0.001;

/** One condition for each threshold of each budget in its present period. */
export async function budgetConditions(deps: BudgetDeps): Promise<readonly Condition[]> {
  if (deps.budgets.length === 0) return [];
  const evaluation = await evaluateBudgets(deps);
  const find = driverFinder(evaluation.sums);
  const conditions = evaluation.budgets.map((one) => conditionsOf(one, evaluation, find, deps));
  return (await Promise.all(conditions)).flat();
}

/** What one threshold comes to. */
interface Verdict {
  readonly state: Condition['state'];
  readonly near: boolean;
  readonly value: number | null;
  readonly threshold: number;
  readonly unit: AlertUnit;
  readonly dataUntil: Instant | null;
  readonly burn?: Burn;
}

async function conditionsOf(
  one: EvaluatedBudget,
  evaluation: Evaluation,
  find: FindDriver,
  { publicUrl }: BudgetDeps,
): Promise<readonly Condition[]> {
  const { instance, status } = one;
  const { budget, lastDay } = instance;
  const group = `budget/${budget.name}/${instance.value ?? ''}@${isoUtc(status.period.start)}`;
  const link =
    publicUrl && `${publicUrl}/api/v1/budgets?budget=${encodeURIComponent(status.budget)}`;
  let driver: Driver | undefined | 'unknown' = 'unknown';
  const conditions: Condition[] = [];
  for (const alert of budget.alerts) {
    const verdict = await verdictOf(alert, one, evaluation);
    const threshold = thresholdText(alert);
    const { state, near, value, unit } = verdict;
    // What drives a budget is worth looking for where somebody is told.
    if (state === 'met' && driver === 'unknown') driver = driverOf(one, evaluation, find);
    const summary = summaryOf({
      status,
      lastDay,
      now: evaluation.now,
      driver: driver === 'unknown' ? undefined : driver,
      burn: alert.kind === 'burn_rate' && verdict.burn ? { ...verdict.burn, ...alert } : undefined,
      link,
    });
    // A rate goes from one period into the next: it is no threshold of one of them.
    const isOfPeriod = alert.kind !== 'burn_rate';
    const place = isOfPeriod ? group : `budget/${budget.name}/${instance.value ?? ''}`;
    conditions.push({
      key: `${place}/${threshold}/${alert.severity}/${budget.basis}`,
      group,
      name: status.budget,
      kind: 'budget',
      labels: {
        ...status.each,
        alertname: status.budget,
        budget: status.budget,
        severity: alert.severity,
        threshold,
        basis: budget.basis,
      },
      annotations: {
        summary,
        description: descriptionOf(alert, status),
        ...(link === undefined ? {} : { link }),
      },
      state,
      near,
      value,
      threshold: verdict.threshold,
      unit,
      certainty: certaintyOf(alert, status),
      incomplete: status.state === 'incomplete',
      dataUntil: verdict.dataUntil ?? evaluation.now,
      forSeconds: 0,
      period: isOfPeriod ? status.period : null,
      notify: budget.notify,
    });
  }
  return conditions;
}

async function verdictOf(
  alert: BudgetAlert,
  { instance, status, isBlind }: EvaluatedBudget,
  { spending }: Evaluation,
): Promise<Verdict> {
  const { amount, spent, unit, dataUntil, forecast } = status;
  if (alert.kind === 'burn_rate') {
    const burn = await burnOf(instance, alert, spending);
    const value = burn === undefined ? null : Math.min(burn.short, burn.long);
    const verdict = held(value, alert.rate, value);
    const until = burn?.until ?? dataUntil;
    const figures = {
      ...verdict,
      threshold: alert.rate,
      unit: 'factor',
      dataUntil: until,
    } as const;
    return burn === undefined ? figures : { ...figures, burn };
  }
  const threshold = alert.ratio * amount;
  const common = { threshold, unit, dataUntil };
  if (alert.kind === 'actual') {
    const isMet = spent !== null && spent >= threshold;
    // What a blind source may have spent could have crossed it.
    const cannotSay = spent === null || isBlind;
    const state = isMet ? 'met' : cannotSay ? 'no_data' : 'clear';
    return { ...common, state, near: false, value: spent };
  }
  // What is spent already is spent at the end too, forecast or not.
  if (spent !== null && spent >= threshold) {
    return { ...common, state: 'met', near: false, value: forecast?.mean ?? spent };
  }
  return { ...common, ...held(forecast?.mean ?? null, threshold, forecast?.mean ?? null) };
}

function held(figure: number | null, threshold: number, value: number | null) {
  if (figure === null) return { state: 'no_data', near: false, value } as const;
  if (figure >= threshold) return { state: 'met', near: false, value } as const;
  return { state: 'clear', near: figure >= letsGoBelow * threshold, value } as const;
}

function driverOf(
  { instance }: EvaluatedBudget,
  { sums }: Evaluation,
  find: FindDriver,
): Driver | undefined {
  const { budget, classes } = instance;
  const places = classes.flatMap((one) => sums.classes.members[one] ?? []);
  return find(places, measureOf(budget), budget.period === 'day' ? 1 : 7);
}

/** `actual 90%`, `burn_rate 4 over 1 h and 6 h`: the label that tells a budget's thresholds apart. */
function thresholdText(alert: BudgetAlert): string {
  if (alert.kind !== 'burn_rate') return `${alert.kind} ${Number((alert.ratio * 100).toFixed(6))}%`;
  const [short, long] = alert.overSeconds.map((seconds) => durationText(seconds * 1_000));
  return `burn_rate ${alert.rate} over ${short} and ${long}`;
}

function descriptionOf(alert: BudgetAlert, status: BudgetStatus): string {
  const { amount, unit, period, notes } = status;
  const limit = alert.kind === 'burn_rate' ? '' : amountText(alert.ratio * amount, unit);
  const what = {
    actual: () => `Tells when ${limit} is spent.`,
    forecast: () => `Tells when ${limit} is expected by the end of the period.`,
    burn_rate: () => `Tells when both windows spend faster than the limit.`,
  }[alert.kind]();
  const when = `The period is ${isoUtc(period.start)} to ${isoUtc(period.end)}.`;
  const floor =
    status.state === 'incomplete'
      ? [
          `The history covers ${percentText(status.coverage)} of it so far: what is spent is a floor.`,
        ]
      : [];
  return [what, when, ...floor, ...notes.map((note) => `Note: ${note}.`)].join(' ');
}

function certaintyOf(alert: BudgetAlert, { basis, settled }: BudgetStatus): Certainty {
  if (basis !== 'estimated' && alert.kind !== 'burn_rate') return 'billed';
  return settled !== null && 1 - settled <= provisionalShare ? 'settled' : 'provisional';
}
