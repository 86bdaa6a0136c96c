import { Dollars, PercentUnit, Short } from '@grafana/grafana-foundation-sdk/units';
import { filterVariables, usage } from '../asks.ts';
import type { Board } from '../board.ts';
import {
  amount,
  cloud,
  code,
  count,
  model,
  moment,
  money,
  share,
  team,
  time,
  tokenTypes,
  words,
} from '../columns.ts';
import type { Column } from '../infinity.ts';
import { series, stat, table, worseAbove, worseBelow } from '../panels.ts';
import { allTokens, known, perMillion, runningSum } from '../transform.ts';
import { estimated, priced, stepped } from '../words.ts';
import { whatChanged } from './what-changed.ts';

const cost = money('cost_usd', 'Cost');
const typeNames = tokenTypes.map(({ text }) => text);

export const spend: Board = {
  uid: 'crossbill-spend',
  title: 'Crossbill: Spend',
  description: 'What models cost this month, by cloud, model and team, against the budgets.',
  from: 'now/M',
  alerts: true,
  variables: filterVariables(),
  sections: [
    {
      title: 'This month, or the range you choose',
      lines: [
        {
          height: 4,
          panels: [
            [
              stat({
                title: 'Spend',
                description: `Cost of the range, which opens at the first of the month. ${estimated} ${priced}`,
                ask: usage([cost], { step: 'total' }),
                unit: Dollars,
                decimals: 2,
                shows: ['Cost'],
              }),
              4,
            ],
            [
              stat({
                title: 'Spend, at least and at most',
                description: `Where a meter does not show all that a price depends on, the cost lies between these. ${estimated}`,
                ask: usage([money('cost_low_usd', 'At least'), money('cost_high_usd', 'At most')], {
                  step: 'total',
                }),
                unit: Dollars,
                decimals: 2,
                shows: ['At least', 'At most'],
              }),
              5,
            ],
            [
              stat({
                title: 'USD per 1M tokens',
                description: `Cost over all five token types, cached ones included. ${estimated} ${priced}`,
                ask: usage([cost, ...tokenTypes], { step: 'total' }),
                transformations: [allTokens(typeNames), ...perMillion('Cost')],
                unit: Dollars,
                decimals: 3,
                shows: ['USD per 1M'],
              }),
              4,
            ],
            [
              stat({
                title: 'Settled',
                description:
                  'Share of the range that was read after the last change the cloud may make. What is not settled can still grow.',
                ask: usage([share('settled', 'Settled')], { step: 'total' }),
                unit: PercentUnit,
                shows: ['Settled'],
                thresholds: worseBelow(0.95, 0.5),
              }),
              3,
            ],
            [
              stat({
                title: 'Unpriced tokens',
                description:
                  'They are in no cost here: add a price for their model in prices.file. Metered; the newest minutes may change.',
                ask: usage([count('unpriced_tokens', 'Unpriced')], { step: 'total' }),
                unit: Short,
                shows: ['Unpriced'],
                thresholds: worseAbove(1, 1_000_000),
              }),
              4,
            ],
            [
              stat({
                title: 'Fullest budget',
                description:
                  'The highest share spent of any budget in its own present period, whatever the range and the filters. A floor where history is missing.',
                ask: { path: '/api/v1/budgets', columns: [share('ratio', 'Spent')] },
                reduce: 'max',
                unit: PercentUnit,
                shows: ['Spent'],
                thresholds: worseAbove(0.8, 1),
              }),
              4,
            ],
          ],
        },
        {
          height: 9,
          panels: [
            [
              series({
                title: 'Spend so far',
                description: `Cost from the start of the range up to each day; a day that was not read has no point and adds nothing. ${estimated} ${stepped}`,
                ask: usage([time, cost], { step: '1d', only: [cost] }),
                transformations: [known('Cost'), runningSum('Spent so far', 'Cost')],
                unit: Dollars,
                style: 'lines',
                legend: 'last',
              }),
              12,
            ],
            [byDay('Spend a day by cloud', cloud, 'cloud'), 12],
          ],
        },
      ],
    },
    {
      title: 'Budgets, each in its present period',
      lines: [
        {
          height: 7,
          panels: [
            [
              table({
                title: 'Budgets and forecast',
                description:
                  'Each budget in its present period, whatever the range and the filters. The forecast is what is expected by the end, low and high hold it four times in five; empty until three settled days are known. Settled is the share that cannot change any more.',
                ask: { path: '/api/v1/budgets', columns: budgetColumns() },
                sortBy: 'Used',
                noValue: 'No budgets are configured: add some under `budgets` in crossbill.yaml.',
              }),
              24,
            ],
          ],
        },
      ],
    },
    {
      title: 'By whom, in the range',
      lines: [
        {
          height: 10,
          panels: [
            [byDay('Spend a day by model', model, 'model', true), 13],
            [byDay('Spend a day by team', team, 'team', true), 11],
          ],
        },
      ],
    },
    whatChanged(),
  ],
};

function budgetColumns(): readonly Column[] {
  return [
    { ...words('budget', 'Budget'), width: 150 },
    { ...code('state', 'State'), width: 100 },
    amount('spent', 'Spent'),
    amount('amount', 'Amount'),
    { ...code('unit', 'Unit'), width: 75 },
    share('ratio', 'Used'),
    amount('forecast', 'Forecast'),
    amount('forecast_low', 'Low'),
    amount('forecast_high', 'High'),
    { ...code('basis', 'Basis'), width: 95 },
    share('settled', 'Settled'),
    moment('period_end', 'Period ends'),
  ];
}

function byDay(title: string, column: Column, groupBy: string, many = false) {
  return series({
    title,
    description: `Cost of each UTC day; today's is not over. ${estimated} ${priced}`,
    ask: usage([time, column, cost], { step: '1d', groupBy, only: [cost] }),
    unit: Dollars,
    style: 'bars',
    many,
    name: `\${__field.labels.${column.text}}`,
  });
}
