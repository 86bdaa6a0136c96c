import type { GetCostAndUsageCommandOutput, MetricValue } from '@aws-sdk/client-cost-explorer';
import { scaled } from '../../../agent/core/decimal.ts';
import { dayMs } from '../../../agent/core/time.ts';
import type { Instant, Window } from '../../../agent/core/time.ts';
import { badAnswer } from '../pages.ts';
import { redact } from '../redact.ts';
import type { CostKey, CostQuery } from './cost-plan.ts';
import { dateOf, dayOf } from './days.ts';

const operation = 'ce:GetCostAndUsage';
export const costMetrics = ['UnblendedCost', 'AmortizedCost', 'UsageQuantity'] as const;

/** One group of one day, its amounts as they came. */
export interface CostRow extends Readonly<Record<CostKey, string>> {
  readonly day: Instant;
  readonly usageType: string;
  readonly unblended: string;
  readonly amortized: string;
  readonly currency: string;
  readonly quantity: string;
  /** Empty where Cost Explorer tells none. */
  readonly unit: string;
}

/** The pages of one query, put together. */
export interface CostAnswer {
  /** Throws ExternalError for a page that is not wholly an answer to what was asked. */
  add(page: Pick<GetCostAndUsageCommandOutput, 'ResultsByTime'>): void;
  /** After the last page. Throws ExternalError unless every day was told of. */
  finish(): { readonly rows: readonly CostRow[]; readonly estimated: ReadonlySet<Instant> };
}

/**
 * Merges pages in whatever way they were cut. A day that no page tells of, one outside the days, a group that comes
 * twice, a value that nobody asked for and an amount that is no number are failures: a bill is told whole or not at all.
 */
export function startCosts(query: CostQuery, days: Window): CostAnswer {
  const rows = new Map<string, CostRow>();
  const told = new Set<Instant>();
  const estimated = new Set<Instant>();
  return {
    add({ ResultsByTime }) {
      if (ResultsByTime === undefined) throw badAnswer(operation, 'the answer is empty');
      for (const { TimePeriod, Groups = [], Estimated } of ResultsByTime) {
        const day = dayOf(TimePeriod?.Start);
        if (day === undefined || day < days.start || day >= days.end) {
          throw badAnswer(operation, `a day nobody asked for: ${shown(TimePeriod?.Start)}`);
        }
        if (dayOf(TimePeriod?.End) !== day + dayMs) {
          throw badAnswer(operation, `amounts of another span than the day ${dateOf(day)}`);
        }
        told.add(day);
        // What does not say that it is final is not.
        if (Estimated !== false) estimated.add(day);
        for (const { Keys = [], Metrics = {} } of Groups) {
          const row = rowOf(query, day, Keys, Metrics);
          const key = JSON.stringify([day, ...Keys]);
          if (rows.has(key)) {
            throw badAnswer(
              operation,
              `${Keys.map(shown).join(', ')} came twice on ${dateOf(day)}`,
            );
          }
          rows.set(key, row);
        }
      }
    },
    finish() {
      for (let day = days.start; day < days.end; day += dayMs) {
        if (!told.has(day))
          throw badAnswer(operation, `the answer tells nothing of ${dateOf(day)}`);
      }
      return { rows: [...rows.values()], estimated };
    },
  };
}

function rowOf(
  { groupedBy, values }: CostQuery,
  day: Instant,
  keys: readonly string[],
  metrics: Readonly<Record<string, MetricValue>>,
): CostRow {
  const [value, usageType] = keys;
  if (value === undefined || usageType === undefined || keys.length !== 2) {
    throw badAnswer(operation, `a group of ${keys.length} keys instead of two`);
  }
  if (!values[groupedBy].includes(value)) {
    throw badAnswer(operation, `a ${groupedBy} nobody asked for: ${shown(value)}`);
  }
  const [unblended, amortized, quantity] = costMetrics.map((name) => {
    const { Amount, Unit } = metrics[name] ?? {};
    if (Amount === undefined || !isDecimal(Amount)) {
      throw badAnswer(operation, `${name} of ${shown(usageType)} is no number: ${shown(Amount)}`);
    }
    return { amount: Amount, unit: Unit ?? '' };
  });
  const currency = unblended?.unit ?? '';
  if (!/^[A-Z]{3}$/.test(currency) || amortized?.unit !== currency) {
    throw badAnswer(operation, `amounts of ${shown(usageType)} are not in one currency`);
  }
  const asked = {
    SERVICE: values.SERVICE[0] ?? '',
    LINKED_ACCOUNT: values.LINKED_ACCOUNT[0] ?? '',
    RECORD_TYPE: values.RECORD_TYPE[0] ?? '',
  };
  return {
    ...asked,
    [groupedBy]: value,
    day,
    usageType,
    unblended: unblended?.amount ?? '',
    amortized: amortized.amount,
    currency,
    quantity: quantity?.amount ?? '',
    unit: quantity?.unit === 'N/A' ? '' : (quantity?.unit ?? ''),
  };
}

/** Powers enough that no fraction is left of any number that the core can read. */
const wide = 129;

function isDecimal(text: string): boolean {
  return scaled(text, wide) !== undefined;
}

/** Whether a decimal text is nothing. */
export function isZero(text: string): boolean {
  return scaled(text, wide) === 0n;
}

function shown(text: string | undefined): string {
  return redact(text ?? 'none', []);
}
