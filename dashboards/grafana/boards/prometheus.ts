import { QueryVariableBuilder, VariableRefresh } from '@grafana/grafana-foundation-sdk/dashboard';
import type { VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { Dollars, PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import type { Board } from '../board.ts';
import { prometheusSeries, prometheusStat, worseAbove } from '../panels.ts';
import type { Thresholds } from '../panels.ts';
import { all, sourceVariable } from '../variables.ts';

const source = { type: 'prometheus', uid: '${datasource}' };
const agent = 'job=~"$job", instance=~"$instance"';
const traffic = `${agent}, cloud=~"$cloud", model=~"$model"`;
const later =
  'Counters move when usage has settled, ten minutes and more after it happened, so a rate over less than an hour says little; the Infinity boards have the exact history.';

export const prometheus: Board = {
  uid: 'crossbill-prometheus',
  title: 'Crossbill: Prometheus',
  description: 'What Crossbill tells at /metrics, for those who scrape it.',
  from: 'now-24h/h',
  alerts: false,
  variables: [
    sourceVariable('prometheus'),
    labels('job', 'Job', 'crossbill_build_info'),
    labels('instance', 'Instance', 'crossbill_build_info{job=~"$job"}'),
    labels('cloud', 'Cloud', `crossbill_tokens_total{${agent}}`),
    labels('model', 'Model', `crossbill_tokens_total{${agent}, cloud=~"$cloud"}`),
  ],
  sections: [
    {
      title: 'At a glance',
      lines: [
        {
          height: 4,
          panels: [
            [
              figure(
                'Month to date',
                `Estimated cost of this calendar month, as of the last scrape; recent hours may still grow. ${later}`,
                Dollars,
                `sum(crossbill_cost_month_to_date_usd{${traffic}})`,
              ),
              6,
            ],
            [
              figure(
                'Fullest budget',
                'Spent of the amount, of the budget that is nearest to it; a floor where history is missing.',
                PercentUnit,
                `max(crossbill_budget_spent{${agent}} / crossbill_budget_amount{${agent}})`,
                worseAbove(0.8, 1),
              ),
              6,
            ],
            [
              figure(
                'Since a target was read',
                'Of the target that was read longest ago. Exact as of the last scrape.',
                Seconds,
                `time() - min(crossbill_source_last_success_timestamp_seconds{${agent}})`,
                worseAbove(1_800, 7_200),
              ),
              6,
            ],
            [
              figure(
                'Oldest watermark',
                'Up to there every meter of every target is read and settled.',
                Seconds,
                `time() - min(crossbill_source_watermark_timestamp_seconds{${agent}})`,
                worseAbove(3_600, 21_600),
              ),
              6,
            ],
          ],
        },
      ],
    },
    {
      title: 'Usage, as it settles',
      lines: [
        {
          height: 9,
          panels: [
            [
              over(
                'Tokens a second by type',
                `The types do not overlap. ${later}`,
                Short,
                `sum by (token_type) (rate(crossbill_tokens_total{${traffic}}[$__rate_interval]))`,
                '{{token_type}}',
              ),
              12,
            ],
            [
              over(
                'Estimated dollars an interval by model',
                `By the price at that time, of tokens that have one; without provisioned capacity. No bill. ${later}`,
                Dollars,
                `sum by (cloud, model) (increase(crossbill_estimated_cost_usd_total{${traffic}}[$__rate_interval]))`,
                '{{cloud}} {{model}}',
              ),
              12,
            ],
          ],
        },
        {
          height: 9,
          panels: [
            [
              over(
                'Requests a second by outcome',
                `Succeeded, failed and throttled. ${later}`,
                'reqps',
                `sum by (outcome) (rate(crossbill_requests_total{${traffic}}[$__rate_interval]))`,
                '{{outcome}}',
              ),
              12,
            ],
            [
              over(
                'Tokens a second without a price',
                `They are in no cost. ${later}`,
                Short,
                `sum by (cloud, model) (rate(crossbill_unpriced_tokens_total{${traffic}}[$__rate_interval]))`,
                '{{cloud}} {{model}}',
              ),
              12,
            ],
          ],
        },
      ],
    },
    {
      title: 'Crossbill itself',
      lines: [
        {
          height: 8,
          panels: [
            [
              over(
                'Its own calls of clouds a second',
                'By source; counted as they are made.',
                'reqps',
                `sum by (source) (rate(crossbill_api_requests_total{${agent}}[$__rate_interval]))`,
                '{{source}}',
              ),
              8,
            ],
            [
              over(
                'Its own dollars an interval',
                "What its calls cost at the clouds' list prices; counted as they are made.",
                Dollars,
                `sum by (source) (increase(crossbill_api_cost_usd_total{${agent}}[$__rate_interval]))`,
                '{{source}}',
              ),
              8,
            ],
            [
              over(
                'Messages a second by result',
                'Notifications of alerts; exact.',
                Short,
                `sum by (result) (rate(crossbill_deliveries_total{${agent}}[$__rate_interval]))`,
                '{{result}}',
              ),
              8,
            ],
          ],
        },
      ],
    },
  ],
};

function labels(name: string, label: string, metric: string): Builder<VariableModel> {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(source)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current(all)
    .query(`label_values(${metric}, ${name})`);
}

function query(expr: string): DataqueryBuilder {
  return new DataqueryBuilder().datasource(source).expr(expr).refId('A');
}

function figure(
  title: string,
  description: string,
  unit: string,
  expr: string,
  thresholds?: Thresholds,
) {
  const asked: Builder<Dataquery> = query(expr).instant();
  return prometheusStat(
    { title, description, unit, query: asked, ...(thresholds === undefined ? {} : { thresholds }) },
    source,
  );
}

function over(title: string, description: string, unit: string, expr: string, legend: string) {
  const asked = query(expr).range().legendFormat(legend);
  return prometheusSeries({ title, description, unit, style: 'bars', query: asked }, source);
}
