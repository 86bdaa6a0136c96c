import type { Labels } from '../../core/cloud.ts';
import type { ApiCallSum, TargetStatus } from '../../core/store.ts';
import type { Instant } from '../../core/time.ts';
import { secondMs } from '../../core/time.ts';
import type { ExporterStatus } from '../../core/exporter.ts';
import { decimalUsd } from './decimal-usd.ts';
import type { PromFamily } from './exposition.ts';

/** One budget as alerts see it. */
export interface BudgetGauge {
  readonly budget: string;
  /** `usd` or `tokens`. */
  readonly unit: string;
  readonly amount: number;
  readonly spent: number;
  /** Null where none can be told. */
  readonly forecast: number | null;
}

/** Messages to people by what became of them. */
export interface DeliveryCount {
  readonly result: string;
  readonly count: number;
}

export interface AgentState {
  readonly version: string;
  readonly sources: readonly TargetStatus[];
  /** Of all time, by source and operation. */
  readonly apiCalls: readonly ApiCallSum[];
  readonly exporters: readonly ExporterStatus[];
  readonly deliveries: readonly DeliveryCount[];
  readonly budgets: readonly BudgetGauge[];
}

/** What the agent says of itself. */
export function agentFamilies(state: AgentState): readonly PromFamily[] {
  return [
    {
      name: 'crossbill_build_info',
      help: 'Always 1; its label says which version runs.',
      type: 'gauge',
      samples: [{ labels: { version: state.version }, value: 1 }],
    },
    ...sourceFamilies(state.sources),
    ...apiFamilies(state.apiCalls),
    ...exporterFamilies(state.exporters),
    {
      name: 'crossbill_deliveries_total',
      help: 'Messages of alerts, by what became of them.',
      type: 'counter',
      samples: state.deliveries.map(({ result, count }) => ({ labels: { result }, value: count })),
    },
    ...budgetFamilies(state.budgets),
  ];
}

function sourceFamilies(sources: readonly TargetStatus[]): readonly PromFamily[] {
  const samplesOf = (at: (target: TargetStatus) => Instant | null) =>
    sources.flatMap((target) => {
      const moment = at(target);
      const { source, cloud, account, region, resource } = target;
      const labels = {
        source,
        target: target.target,
        cloud: cloud ?? '',
        account,
        region,
        resource,
      };
      return moment === null ? [] : [{ labels, value: moment / secondMs }];
    });
  return [
    {
      name: 'crossbill_source_last_success_timestamp_seconds',
      help: 'When the target was last read whole.',
      type: 'gauge',
      samples: samplesOf(({ lastSuccess }) => lastSuccess),
    },
    {
      name: 'crossbill_source_watermark_timestamp_seconds',
      help: 'Up to here every meter of the target is read and settled.',
      type: 'gauge',
      samples: samplesOf(({ watermark }) => watermark),
    },
  ];
}

function callLabels({ source, operation }: ApiCallSum): Labels {
  return { source, operation };
}

function apiFamilies(calls: readonly ApiCallSum[]): readonly PromFamily[] {
  return [
    {
      name: 'crossbill_api_requests_total',
      help: "The agent's own calls of cloud APIs, whatever became of them.",
      type: 'counter',
      samples: calls.map((one) => ({ labels: callLabels(one), value: one.calls })),
    },
    {
      name: 'crossbill_api_cost_usd_total',
      help: "What the agent's own calls of cloud APIs cost at the cloud's list price, in US dollars.",
      type: 'counter',
      samples: calls.map((one) => ({
        labels: callLabels(one),
        value: decimalUsd(one.costNanoUsd),
      })),
    },
  ];
}

function exporterFamilies(exporters: readonly ExporterStatus[]): readonly PromFamily[] {
  const of = (
    name: string,
    help: string,
    type: PromFamily['type'],
    value: (status: ExporterStatus) => number | null,
  ): PromFamily => ({
    name,
    help,
    type,
    samples: exporters.flatMap((status) => {
      const known = value(status);
      return known === null ? [] : [{ labels: { exporter: status.name }, value: known }];
    }),
  });
  return [
    of(
      'crossbill_exporter_last_success_timestamp_seconds',
      'When the exporter last had nothing left to tell or got through.',
      'gauge',
      ({ lastSuccess }) => (lastSuccess === null ? null : lastSuccess / secondMs),
    ),
    of(
      'crossbill_exporter_failures_total',
      'Pages that did not get through, since the process began; they are sent again.',
      'counter',
      ({ failures }) => failures,
    ),
    of(
      'crossbill_exporter_points_total',
      'Points that were handed over, since the process began.',
      'counter',
      ({ points }) => points,
    ),
    of(
      'crossbill_exporter_rejected_points_total',
      'Points that the other side would not have, since the process began; they are not sent again.',
      'counter',
      ({ rejected }) => rejected,
    ),
  ];
}

function budgetFamilies(budgets: readonly BudgetGauge[]): readonly PromFamily[] {
  const of = (name: string, help: string, value: (one: BudgetGauge) => number | null) => ({
    name,
    help,
    type: 'gauge' as const,
    samples: budgets.flatMap((one) => {
      const known = value(one);
      return known === null
        ? []
        : [{ labels: { budget: one.budget, unit: one.unit }, value: known }];
    }),
  });
  return [
    of('crossbill_budget_amount', 'What the budget allows in its period.', ({ amount }) => amount),
    of(
      'crossbill_budget_spent',
      'Spent in the present period of the budget.',
      ({ spent }) => spent,
    ),
    of(
      'crossbill_budget_forecast',
      "Expected at the end of the budget's present period.",
      ({ forecast }) => forecast,
    ),
  ];
}
