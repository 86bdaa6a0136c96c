import { PercentUnit, Short } from '@grafana/grafana-foundation-sdk/units';
import type { Board } from '../board.ts';
import { ago, amount, code, count, moment, sentence, share, words } from '../columns.ts';
import type { Ask, Column } from '../infinity.ts';
import { bars, stat, table, worseAbove } from '../panels.ts';
import { budgetVariable, sourceVariable } from '../variables.ts';

const budget: Column = { ...words('budget', 'Budget'), width: 150 };
const used = share('ratio', 'Used');
const unit: Column = { ...code('unit', 'Unit'), width: 75 };
const alert: Column = { ...words('name', 'Alert'), width: 155 };
const noBudgets = 'No budgets are configured: add some under `budgets` in crossbill.yaml.';
const present = 'Each in its own present period, whatever the range.';

export const budgets: Board = {
  uid: 'crossbill-budgets',
  title: 'Crossbill: Budgets and alerts',
  description: 'How budgets stand, what fires, what was said to whom, and what did not arrive.',
  from: 'now-7d/h',
  alerts: false,
  variables: [sourceVariable('yesoreyeram-infinity-datasource'), budgetVariable()],
  sections: [
    {
      title: 'At a glance',
      lines: [
        {
          height: 4,
          panels: [
            [
              stat({
                title: 'Firing now',
                description:
                  'Alerts that fire now, whatever the range. One whose figure is provisional says so in its row.',
                ask: alerts('firing', [words('name', 'Alert')]),
                reduce: 'count',
                unit: Short,
                shows: ['Alert'],
                thresholds: worseAbove(1, 5),
                noValue: '0',
              }),
              6,
            ],
            [
              stat({
                title: 'Fullest budget, in its period',
                description: `The highest share spent; a floor where history is missing. ${present}`,
                ask: ofBudgets([used]),
                reduce: 'max',
                unit: PercentUnit,
                shows: ['Used'],
                thresholds: worseAbove(0.8, 1),
              }),
              6,
            ],
            [
              stat({
                title: 'Messages waiting now',
                description: 'Notifications that are not delivered yet, as of now. Exact.',
                ask: deliveries([words('message', 'Message')], 'waiting'),
                reduce: 'count',
                unit: Short,
                shows: ['Message'],
                thresholds: worseAbove(1, 10),
                noValue: '0',
              }),
              6,
            ],
            [
              stat({
                title: 'Messages given up',
                description:
                  'Notifications that did not get through, as of now. Exact. Mend the notifier, then send them again: POST /api/v1/deliveries/{id}/retry.',
                ask: deliveries([words('message', 'Message')], 'dead'),
                reduce: 'count',
                unit: Short,
                shows: ['Message'],
                thresholds: worseAbove(1, 1),
                noValue: '0',
              }),
              6,
            ],
          ],
        },
      ],
    },
    {
      title: 'Budgets',
      lines: [
        {
          height: 8,
          panels: [
            [
              bars({
                title: "Spent of the amount, in each budget's period",
                description: `Spent of the amount; the bar is full at 120 %. A floor where history is missing, and the newest minutes may still change. ${present}`,
                ask: ofBudgets([budget, used]),
                unit: PercentUnit,
                value: 'Used',
                max: 1.2,
                thresholds: worseAbove(0.8, 1),
                noValue: noBudgets,
              }),
              24,
            ],
          ],
        },
        {
          height: 8,
          panels: [
            [
              table({
                title: 'Budgets',
                description: `Spent, and what is expected by the end of the period: low and high hold it four times in five. Settled is the share of what is spent that cannot change any more, coverage the share of the past that was read. ${present}`,
                ask: ofBudgets([
                  budget,
                  { ...code('state', 'State'), width: 100 },
                  amount('spent', 'Spent'),
                  amount('amount', 'Amount'),
                  unit,
                  used,
                  amount('forecast', 'Forecast'),
                  amount('forecast_low', 'Low'),
                  amount('forecast_high', 'High'),
                  moment('period_end', 'Period ends'),
                  share('settled', 'Settled'),
                  share('coverage', 'Coverage'),
                  code('basis', 'Basis'),
                ]),
                sortBy: 'Used',
                noValue: noBudgets,
              }),
              24,
            ],
          ],
        },
      ],
    },
    {
      title: 'Alerts',
      lines: [
        {
          height: 10,
          panels: [
            [
              table({
                title: 'Active now',
                description:
                  'What fires or is about to, as of now. Certainty says whether its figure may still change.',
                ask: alerts('firing,pending', [
                  { ...code('state', 'State'), width: 100 },
                  code('severity', 'Severity'),
                  alert,
                  amount('threshold', 'Threshold'),
                  sentence('summary', 'Summary'),
                  code('certainty', 'Certainty'),
                  moment('active_at', 'Since'),
                  ago('notified_at', 'Told'),
                  words('acknowledged_by', 'Taken by'),
                  words('runbook_url', 'Runbook'),
                ]),
                noValue:
                  'Nothing fires. What would, is said by budgets and rules in crossbill.yaml; `crossbill alerts test` sends a trial message.',
              }),
              24,
            ],
          ],
        },
        {
          height: 8,
          panels: [
            [
              table({
                title: 'Over, of the last 120 days',
                description:
                  'What fired and is over, of the last 120 days. Corrected: the figure was restated below its threshold.',
                ask: alerts('resolved,corrected', [
                  { ...code('state', 'State'), width: 100 },
                  code('severity', 'Severity'),
                  alert,
                  sentence('summary', 'Summary'),
                  code('certainty', 'Certainty'),
                  moment('fired_at', 'Fired'),
                  moment('ended_at', 'Over'),
                ]),
                sortBy: 'Over',
                noValue: 'Nothing that fired is over yet.',
              }),
              24,
            ],
          ],
        },
        {
          height: 8,
          panels: [
            [
              table({
                title: 'Newest deliveries',
                description:
                  'The newest messages and what the other side answered, as of now. A token that sees a part of the ledger sees none of them.',
                ask: deliveries([
                  moment('created', 'Created'),
                  { ...code('state', 'State'), width: 100 },
                  words('notifier', 'Notifier'),
                  code('type', 'About'),
                  count('alerts', 'Alerts'),
                  count('attempts', 'Attempts'),
                  moment('delivered', 'Delivered'),
                  moment('next_try', 'Next try'),
                  sentence('last_answer', 'Last answer'),
                ]),
                sortBy: 'Created',
                noValue:
                  'Nothing was sent. Messages go where notifiers in crossbill.yaml say; without one, alerts are only shown here.',
              }),
              24,
            ],
          ],
        },
      ],
    },
  ],
};

function ofBudgets(columns: readonly Column[]): Ask {
  return { path: '/api/v1/budgets', params: { budget: '${budget:csv}' }, columns };
}

function alerts(state: string, columns: readonly Column[]): Ask {
  return { path: '/api/v1/alerts', params: { state }, columns };
}

function deliveries(columns: readonly Column[], state?: string): Ask {
  const params = { limit: '200', ...(state === undefined ? {} : { state }) };
  return { path: '/api/v1/deliveries', params, columns };
}
