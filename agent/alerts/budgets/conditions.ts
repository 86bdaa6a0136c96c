import type { AlertUnit, Certainty, Condition } from '../../core/alert.ts';
import type { BudgetStatus } from '../../core/budget.ts';
import { isoUtc } from '../../core/time.ts';
import type { Instant, Window } from '../../core/time.ts';
import type { BudgetAlert, BudgetDeps } from './budget.ts';
import { burnOf } from './burn.ts';
import type { Burn, BurnAlert } from './burn.ts';
import { driverFinder } from './driver.ts';
import type { Driver, FindDriver } from './driver.ts';
import { evaluateBudgets } from './evaluate.ts';
import type { EvaluatedBudget, Evaluation } from './evaluate.ts';
import { measureOf } from './status.ts';
import { amountText, durationText, percentText, standText, summaryOf } from './words.ts';

/** A forecast or a rate this far below its threshold lets go of what fires; in between it goes on. */
const letsGoBelow = 0.95;

type PeriodAlert = Exclude<BudgetAlert, BurnAlert>;

/** Less than that may still change: settled. */
const provisionalShare = 0.001;

/** One condition for each threshold of each budget in its present period. */
export async function budgetConditions(deps: BudgetDeps): Promise<readonly Condition[]> {
  if (deps.budgets.length === 0) return [];
  const evaluation = await evaluateBudgets(deps);
  const find = driverFinder(evaluation.sums);
  const told = periodTexts();
  const conditions = evaluation.budgets.map((one) =>
    conditionsOf(one, evaluation, find, told(one.status.period), deps),
  );
  return (await Promise.all(conditions)).flat();
}

interface PeriodText {
  readonly start: string;
  readonly whole: string;
}

/** Of each period once: budgets of a kind and zone have the same. */
function periodTexts(): (period: Window) => PeriodText {
  const known = new Map<Window, PeriodText>();
  return (period) => {
    const found = known.get(period);
    if (found !== undefined) return found;
    const start = isoUtc(period.start);
    const made = { start, whole: `The period is ${start} to ${isoUtc(period.end)}.` };
    known.set(period, made);
    return made;
  };
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
  period: PeriodText,
  { publicUrl }: BudgetDeps,
): Promise<readonly Condition[]> {
  const { instance, status } = one;
  const { budget, lastDay } = instance;
  const place = `budget/${budget.name}/${instance.value ?? ''}`;
  const group = `${place}@${period.start}`;
  const link =
    publicUrl && `${publicUrl}/api/v1/budgets?budget=${encodeURIComponent(status.budget)}`;
  let driver: Driver | undefined | 'unknown' = 'unknown';
  const standWith = (known: Driver | undefined) =>
    standText({ status, lastDay, now: evaluation.now, driver: known, link });
  let stand = standWith(undefined);
  const rest = restOf(status, period);
  const conditions: Condition[] = [];
  for (const alert of budget.alerts) {
    const isOfPeriod = alert.kind !== 'burn_rate';
    const verdict = isOfPeriod ? verdictOf(alert, one) : await rateOf(alert, one, evaluation);
    const threshold = thresholdText(alert);
    const { state, near, value, unit } = verdict;
    // What drives a budget is worth looking for where somebody is told.
    if (state === 'met' && driver === 'unknown') {
      driver = driverOf(one, evaluation, find);
      if (driver !== undefined) stand = standWith(driver);
    }
    const burn =
      isOfPeriod || verdict.burn === undefined ? undefined : { ...verdict.burn, ...alert };
    conditions.push({
      // A rate goes from one period into the next: it is no threshold of one of them.
      key: `${isOfPeriod ? group : place}/${threshold}/${alert.severity}/${budget.basis}`,
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
        summary: summaryOf(status.budget, stand, burn),
        description: `${purposeOf(alert, status)} ${rest}`,
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

async function rateOf(
  alert: BurnAlert,
  { instance, status }: EvaluatedBudget,
  { spending }: Evaluation,
): Promise<Verdict> {
  const burn = await burnOf(instance, alert, spending);
  const value = burn === undefined ? null : Math.min(burn.short, burn.long);
  const { state, near } = held(value, alert.rate);
  return {
    state,
    near,
    value,
    threshold: alert.rate,
    unit: 'factor',
    dataUntil: burn?.until ?? status.dataUntil,
    ...(burn === undefined ? {} : { burn }),
  };
}

function verdictOf(alert: PeriodAlert, { status, isBlind }: EvaluatedBudget): Verdict {
  const { amount, spent, unit, dataUntil, forecast } = status;
  const threshold = alert.ratio * amount;
  const common = { threshold, unit, dataUntil };
  if (alert.kind === 'actual') {
    const isMet = spent !== null && spent >= threshold;
    // What a blind source may have spent could have crossed it.
    const cannotSay = spent === null || isBlind;
    const state = isMet ? 'met' : cannotSay ? 'no_data' : 'clear';
    return { ...common, state, near: false, value: spent };
  }
  const value = forecast?.mean ?? null;
  // What is spent already is spent at the end too, forecast or not.
  if (spent !== null && spent >= threshold) {
    return { ...common, state: 'met', near: false, value: value ?? spent };
  }
  const { state, near } = held(value, threshold);
  return { ...common, state, near, value };
}

function held(figure: number | null, threshold: number): Pick<Verdict, 'state' | 'near'> {
  if (figure === null) return { state: 'no_data', near: false };
  if (figure >= threshold) return { state: 'met', near: false };
  return { state: 'clear', near: figure >= letsGoBelow * threshold };
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

function purposeOf(alert: BudgetAlert, { amount, unit }: BudgetStatus): string {
  if (alert.kind === 'burn_rate') return 'Tells when both windows spend faster than the limit.';
  const limit = amountText(alert.ratio * amount, unit);
  return alert.kind === 'actual'
    ? `Tells when ${limit} is spent.`
    : `Tells when ${limit} is expected by the end of the period.`;
}

/** What the descriptions of all thresholds end with. */
function restOf({ state, coverage, notes }: BudgetStatus, period: PeriodText): string {
  const floor =
    state === 'incomplete'
      ? ` The history covers ${percentText(coverage)} of it so far: what is spent is a floor.`
      : '';
  return `${period.whole}${floor}${notes.map((note) => ` Note: ${note}.`).join('')}`;
}

function certaintyOf(alert: BudgetAlert, { basis, settled }: BudgetStatus): Certainty {
  if (basis !== 'estimated' && alert.kind !== 'burn_rate') return 'billed';
  return settled !== null && 1 - settled <= provisionalShare ? 'settled' : 'provisional';
}
