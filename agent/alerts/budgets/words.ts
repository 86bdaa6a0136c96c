import type { BudgetStatus, BudgetUnit } from '../../core/budget.ts';
import { hourMs, minuteMs } from '../../core/time.ts';
import type { Instant } from '../../core/time.ts';
import type { BurnAlert, Burn } from './burn.ts';
import { englishNumbers } from '../english-numbers.ts';
import { wholeText } from '../whole-text.ts';
import type { Driver } from './driver.ts';
import { weekdayText } from './period.ts';

/** What a sentence about a budget is made of. */
export interface Facts {
  readonly status: BudgetStatus;
  /** The last day of the period: `30 Nov`. */
  readonly lastDay: string;
  readonly now: Instant;
  readonly driver: Driver | undefined;
  readonly link: string | undefined;
}

/** How fast it goes, and against which threshold. */
export type BurnFacts = Burn & Pick<BurnAlert, 'overSeconds' | 'rate'>;

/** `$455 of $500 (91%), forecast $610 (560–680) by 30 Nov; driver …; 22% provisional, lag 9 min; <link>` */
export function standText(facts: Facts): string {
  const { status, driver, link } = facts;
  const drives = driver === undefined ? '' : `; ${driverPart(driver, status.unit, facts.now)}`;
  const reached = link === undefined ? '' : `; ${link}`;
  return `${spentPart(status)}, ${forecastPart(facts)}${drives}; ${certaintyPart(facts)}${reached}`;
}

/** `search-monthly: <stand>`; of a rate how fast it goes before the rest. */
export function summaryOf(budget: string, stand: string, burn?: BurnFacts): string {
  return burn === undefined ? `${budget}: ${stand}` : `${budget}: ${burnText(burn)}; ${stand}`;
}

/** `$455`, `$4.55`, `$0.0012`, `1.2B tokens` */
export function amountText(amount: number, unit: BudgetUnit): string {
  return unit === 'usd' ? `$${number(amount, unit)}` : `${number(amount, unit)} tokens`;
}

/** `91%`; never 100 % of what is not reached. */
export function percentText(ratio: number): string {
  return `${Math.floor(ratio * 100 + 1e-9)}%`;
}

/** `9 min`, `90 min`, `6 h` */
export function durationText(ms: number): string {
  const minutes = Math.round(ms / minuteMs);
  return (minutes % 60 !== 0 && minutes < 120) || minutes === 0
    ? `${minutes} min`
    : `${Math.round(ms / hourMs)} h`;
}

function spentPart({ spent, amount, unit, ratio, state }: BudgetStatus): string {
  if (spent === null || ratio === null) return `unknown of ${amountText(amount, unit)}`;
  const floor = state === 'incomplete' ? 'at least ' : '';
  const figure = unit === 'usd' ? amountText(spent, unit) : number(spent, unit);
  return `${floor}${figure} of ${amountText(amount, unit)} (${percentText(ratio)})`;
}

function forecastPart({ status, lastDay }: Facts): string {
  const { forecast, unit, state, coverage } = status;
  if (forecast === null) {
    if (state !== 'incomplete') return 'no forecast yet';
    return coverage < 1
      ? `no forecast: ${percentText(coverage)} of the period read`
      : 'no forecast';
  }
  const { mean, low, high } = forecast;
  const span = `${number(low, unit)}–${number(high, unit)}`;
  return `forecast ${amountText(mean, unit)} (${span}) by ${lastDay}`;
}

function burnText(burn: BurnFacts): string {
  const [short, long] = burn.overSeconds.map((seconds) => durationText(seconds * 1_000));
  return (
    `burns ${times(burn.short)} over ${short} and ${times(burn.long)} over ${long} of the even rate ` +
    `(limit ${burn.rate}×)`
  );
}

function times(rate: number): string {
  return `${rate.toFixed(1)}×`;
}

function driverPart(
  { group, growth, since, cause }: Driver,
  unit: BudgetUnit,
  now: Instant,
): string {
  const begun = now - since < 24 * hourMs ? 'today' : `since ${weekdayText(since)}`;
  const amount = unit === 'usd' ? growth / 1e9 : growth;
  return `driver ${group} +${amountText(amount, unit)} ${begun}${cause === null ? '' : ` (${cause})`}`;
}

function certaintyPart({ status, now }: Facts): string {
  const { settled, dataUntil, basis, notes } = status;
  const behind = dataUntil === null ? [] : [`lag ${durationText(Math.max(now - dataUntil, 0))}`];
  const provisional = settled === null ? 0 : Math.round((1 - settled) * 100);
  const firm = basis === 'estimated' ? 'settled' : basis;
  const sure = provisional > 0 ? `${provisional}% provisional` : firm;
  return [...(settled === null ? [] : [sure]), ...behind, ...notes].join(', ');
}

const compact = englishNumbers({ notation: 'compact', maximumSignificantDigits: 3 });

function number(amount: number, unit: BudgetUnit): string {
  if (unit === 'tokens') return compact(amount);
  const size = Math.abs(amount);
  if (size > 0 && size < 1) return amount.toPrecision(2);
  return size < 100 && !Number.isInteger(amount) ? amount.toFixed(2) : wholeText(amount);
}
