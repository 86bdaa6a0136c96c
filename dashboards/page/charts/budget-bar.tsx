import type { BudgetStatus } from '../../../agent/core/budget.ts';

/** What is spent, the span of the forecast and the amount, on one scale. */
export function BudgetBar({ budget }: { readonly budget: BudgetStatus }) {
  const { spent, amount, forecast } = budget;
  const end = Math.max(amount, spent ?? 0, forecast?.high ?? 0) * 1.04 || 1;
  const x = (value: number) => Math.max(0, (value / end) * 100);
  const width = (from: number, to: number) => Math.max(0, x(to) - x(from)).toFixed(2);
  return (
    <svg class="budget-bar" viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true">
      <rect class="track" y="4" width={x(amount).toFixed(2)} height="6" />
      {forecast !== null && (
        <rect
          class="span"
          x={x(forecast.low).toFixed(2)}
          y="5.5"
          width={width(forecast.low, forecast.high)}
          height="3"
        />
      )}
      {spent !== null && (
        <rect
          class={`fill ${spent >= amount ? 'over' : budget.state}`}
          y="4"
          width={x(spent).toFixed(2)}
          height="6"
        />
      )}
      {forecast !== null && (
        <rect class="mark" x={x(forecast.mean).toFixed(2)} y="3" width="0.7" height="8" />
      )}
      <rect class="limit" x={(x(amount) - 0.25).toFixed(2)} width="0.5" height="14" />
    </svg>
  );
}
