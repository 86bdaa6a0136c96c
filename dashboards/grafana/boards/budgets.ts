import { PercentUnit, Short } from '@grafana/grafana-foundation-sdk/units';
import type { Board } from '../board.ts';
import { count, moment, share, words } from '../columns.ts';
import type { Ask, Column } from '../infinity.ts';
import { bars, stat, table, worseAbove } from '../panels.ts';
import { budgetVariable, sourceVariable } from '../variables.ts';

const budget = words('budget', 'Budget');
const used = share('ratio', 'Used');
const present = 'Each in its own present period, whatever the range.';

export const budgets: Board = {
  uid: 'crossbill-budgets',
  title: 'Crossbill: Budgets and alerts',
  description: 'How budgets stand, what fires, what was said to whom, and what did not arrive.',
  from: 'now-7d',
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
                title: 'Firing',
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
                title: 'Fullest budget',
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
                title: 'Messages waiting',
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
          height: 9,
          panels: [
            [
              bars({
                title: 'Used',
                description: `Spent of the amount; the bar is full at 120 %. A floor where history is missing, and the newest minutes may still change. ${present}`,
                ask: ofBudgets([budget, used]),
                unit: PercentUnit,
                value: 'Used',
                max: 1.2,
                thresholds: worseAbove(0.8, 1),
              }),
              8,
            ],
            [
              table({
                title: 'Budgets',
                description: `Spent, and what is expected by the end of the period: low and high hold it four times in five. Settled is the share of what is spent that cannot change any more, coverage the share of the past that was read. ${present}`,
                ask: ofBudgets([
                  budget,
                  words('state', 'State'),
                  words('unit', 'Unit'),
                  count('spent', 'Spent'),
                  count('amount', 'Amount'),
                  used,
                  count('forecast', 'Forecast'),
                  count('forecast_low', 'Forecast low'),
                  count('forecast_high', 'Forecast high'),
                  words('basis', 'Basis'),
                  share('settled', 'Settled'),
                  share('coverage', 'Coverage'),
                  moment('period_end', 'Period ends'),
                ]),
                sortBy: 'Used',
                noValue: 'No budgets are configured',
              }),
              16,
            ],
          ],
        },
      ],
    },
    {
      title: 'Alerts',
      lines: [
        {
          height: 8,
          panels: [
            [
              table({
                title: 'Active',
                description:
                  'What fires or is about to, as of now. Certainty says whether its figure may still change.',
                ask: alerts('firing,pending', [
                  words('state', 'State'),
                  words('severity', 'Severity'),
                  words('name', 'Alert'),
                  words('summary', 'Summary'),
                  words('certainty', 'Certainty'),
                  moment('active_at', 'Since'),
                  moment('notified_at', 'Told'),
                  words('acknowledged_by', 'Taken by'),
                  words('runbook_url', 'Runbook'),
                ]),
                noValue: 'Nothing fires',
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
                title: 'Over',
                description:
                  'What fired and is over, of the last 120 days. Corrected: the figure was restated below its threshold.',
                ask: alerts('resolved,corrected', [
                  words('state', 'State'),
                  words('severity', 'Severity'),
                  words('name', 'Alert'),
                  words('summary', 'Summary'),
                  words('certainty', 'Certainty'),
                  moment('fired_at', 'Fired'),
                  moment('ended_at', 'Over'),
                ]),
                sortBy: 'Over',
                noValue: 'Nothing has fired',
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
                title: 'Deliveries',
                description:
                  'The newest messages and what the other side answered, as of now. A token that sees a part of the ledger sees none of them.',
                ask: deliveries([
                  moment('created', 'Created'),
                  words('state', 'State'),
                  words('notifier', 'Notifier'),
                  words('type', 'About'),
                  count('alerts', 'Alerts'),
                  count('attempts', 'Attempts'),
                  moment('delivered', 'Delivered'),
                  moment('next_try', 'Next try'),
                  words('last_answer', 'Last answer'),
                ]),
                sortBy: 'Created',
                noValue: 'Nothing was sent',
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
