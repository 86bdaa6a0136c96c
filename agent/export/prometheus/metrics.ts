import type { Labels } from '../../core/cloud.ts';
import type { NanoUsd } from '../../core/money.ts';
import type { ToldName } from '../../core/exporter.ts';
import { agentFamilies } from './agent-families.ts';
import type { AgentState } from './agent-families.ts';
import { decimalUsd } from './decimal-usd.ts';
import { renderExposition } from './exposition.ts';
import type { PromFamily } from './exposition.ts';
import { labelSets } from './label-sets.ts';
import { usageFamilies } from './usage-families.ts';
import type { UsageState } from './usage-families.ts';

/** Series of what grows with the number of models, deployments and teams, about. */
export const defaultMostSeries = 20_000;

export interface CostGauge {
  readonly labels: Labels;
  readonly costUsd: number;
}

export interface PriceGauge {
  readonly labels: Labels;
  /** The best rate for a million tokens. */
  readonly rate: NanoUsd;
}

export interface MetricsState {
  readonly usage: UsageState;
  readonly labelsOf: (name: ToldName) => Labels;
  readonly monthToDate: readonly CostGauge[];
  readonly prices: readonly PriceGauge[];
  /** Undefined: the asker sees a part of the traffic only, and nothing of the agent. */
  readonly agent: AgentState | undefined;
  readonly mostSeries?: number;
}

/** Everything the agent tells Prometheus, as text. */
export function renderMetrics(state: MetricsState): string {
  const { usage, labelsOf, monthToDate, prices, agent, mostSeries = defaultMostSeries } = state;
  const costs = labelSets(monthToDate, ({ labels }) => labels, mostSeries);
  const money: readonly PromFamily[] = [
    {
      name: 'crossbill_cost_month_to_date_usd',
      help: 'Estimated cost since the first of the month (UTC) in US dollars, provisional periods and provisioned capacity included; at most five minutes old.',
      type: 'gauge',
      samples: costs.sets.map(({ labels, members }) => ({
        labels,
        value: members.reduce((sum, one) => sum + one.costUsd, 0),
      })),
    },
    {
      name: 'crossbill_price_usd_per_million_tokens',
      help: 'What a million tokens cost now by the price book, discounts included, of models in use.',
      type: 'gauge',
      samples: labelSets(prices, ({ labels }) => labels, Infinity)
        .sets.slice(0, mostSeries)
        .flatMap(({ labels, members: [first] }) =>
          first === undefined ? [] : [{ labels, value: decimalUsd(first.rate) }],
        ),
    },
  ];
  return renderExposition([
    ...usageFamilies(usage, labelsOf, mostSeries),
    ...money,
    ...(agent === undefined ? [] : agentFamilies(agent)),
  ]);
}
