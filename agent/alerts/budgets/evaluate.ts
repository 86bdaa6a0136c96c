import { floorTo, dayMs } from '../../core/time.ts';
import type { Instant } from '../../core/time.ts';
import { bearersOf } from '../../query/capacity-costs.ts';
import { sightOf } from './blind.ts';
import type { Sight } from './blind.ts';
import { billsOf } from './billed.ts';
import type { Bills } from './billed.ts';
import type { Budget, BudgetDeps } from './budget.ts';
import { classify } from './classes.ts';
import { instancesOf } from './instances.ts';
import type { Instance } from './instances.ts';
import { knowledgeOf } from './known.ts';
import { lastDayOf, periodAt } from './period.ts';
import { holdRhythm } from './rhythm.ts';
import { createSpending } from './spending.ts';
import type { Spending } from './spending.ts';
import { statusOf } from './status.ts';
import type { Stand } from './status.ts';
import { readSums } from './sums.ts';
import type { LedgerSums } from './sums.ts';
import { zoneOf } from './zone.ts';
import type { Zone } from './zone.ts';

export interface EvaluatedBudget extends Stand {
  readonly instance: Instance;
}

export interface Evaluation {
  readonly now: Instant;
  readonly sums: LedgerSums;
  readonly spending: Spending;
  /** In the order of the configuration, then of the values of `for_each`. */
  readonly budgets: readonly EvaluatedBudget[];
}

/** Settled days that forecasts look back. */
const historyDays = 56;

/**
 * Every budget in its present period, from one reading of the ledger. Nothing is carried over from one to the next.
 * @param rows as of `readSums`
 */
export async function evaluateBudgets(
  deps: BudgetDeps,
  rows: 'identities' | 'classes' = 'identities',
): Promise<Evaluation> {
  const { reader, budgets, teams } = deps;
  const now = deps.clock.now();
  const [identities, capacities, targets, byTraffic] = await Promise.all([
    reader.identities(),
    reader.capacities(),
    deps.status.sources(now),
    reader.coverageByTraffic(3_600),
  ]);
  const classes = classify(bearersOf(identities, capacities).all, budgets, teams);
  const periodOf = calendar(budgets, now);
  const periods = budgets.map(({ period, timezone }) => periodOf(period, timezone));
  const starts = periods.map(({ period }) => period.start - dayMs);
  const since = Math.min(floorTo(now, dayMs) - historyDays * dayMs, ...new Set(starts));
  const sums = await readSums(reader, classes, now, since, deps.rhythm ?? holdRhythm(), rows);
  const sight = sightOf(targets, now);
  const spending = createSpending(sums, knowledgeOf(classes, byTraffic, sight, now));
  const bills = await readBills(deps, sums);

  const found: EvaluatedBudget[] = [];
  for (const [index, budget] of budgets.entries()) {
    const at = periods[index];
    if (at === undefined) continue;
    const past = { start: at.period.start, end: now };
    const inPeriod = await sums.over(past);
    for (const instance of instancesOf(budget, classes, at, inPeriod)) {
      found.push({ instance, ...(await evaluate(instance, spending, sight, bills)) });
    }
  }
  return { now, sums, spending, budgets: found };
}

function evaluate(
  instance: Instance,
  spending: Spending,
  sight: Sight,
  bills: Partial<Readonly<Record<'billed' | 'amortized', Bills>>>,
): Promise<Stand> {
  const { basis } = instance.budget;
  const bill = basis === 'estimated' ? undefined : bills[basis]?.of(instance);
  return statusOf(instance, spending, sight, bill);
}

async function readBills(deps: BudgetDeps, sums: LedgerSums) {
  const bases = new Set(deps.budgets.map(({ basis }) => basis));
  if (!bases.has('billed') && !bases.has('amortized')) return {};
  const [lines, told] = await Promise.all([deps.bills.bills(sums.days), deps.bills.billedDays()]);
  const of = (basis: 'billed' | 'amortized') => billsOf(lines, told, basis, deps.currencies, sums);
  return { billed: of('billed'), amortized: of('amortized') };
}

type Period = Pick<Instance, 'period' | 'lastDay'>;

/** Forgotten with the budgets: clocks of time zones take longer to make than a budget to add up. */
const lastPeriods = new WeakMap<readonly Budget[], Map<string, Period>>();

/** Periods that hold an instant, worked out once for each zone and kind, and again once one is over. */
function calendar(budgets: readonly Budget[], now: Instant) {
  const zones = new Map<string, Zone>();
  const known = lastPeriods.get(budgets) ?? new Map<string, Period>();
  lastPeriods.set(budgets, known);
  return (kind: Budget['period'], name: string) => {
    const key = `${kind} ${name}`;
    const found = known.get(key);
    if (found !== undefined && found.period.start <= now && now < found.period.end) return found;
    const zone = zones.get(name) ?? zoneOf(name);
    zones.set(name, zone);
    const period = periodAt(kind, zone, now);
    const made = { period, lastDay: lastDayOf(period, zone) };
    known.set(key, made);
    return made;
  };
}
