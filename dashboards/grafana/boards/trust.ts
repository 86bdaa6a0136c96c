import { Dollars, PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { filterVariables, range, usage } from '../asks.ts';
import type { Board, Section } from '../board.ts';
import {
  ago,
  amount,
  cloud,
  code,
  count,
  model,
  moment,
  money,
  price,
  seconds,
  sentence,
  share,
  time,
  words,
} from '../columns.ts';
import type { Ask, Column } from '../infinity.ts';
import { series, stat, table, worseAbove, worseBelow } from '../panels.ts';
import { grouped, moreThan } from '../transform.ts';
import { audited, estimated, metered, stepped } from '../words.ts';

/** Says the source first. */
const target: Column = { ...words('target', 'Target'), width: 340 };
const settled = share('settled', 'Settled');
const unpriced = count('unpriced_tokens', 'Unpriced');
const bounds: readonly Column[] = [
  money('cost_low_usd', 'At least'),
  money('cost_usd', 'Taken'),
  money('cost_high_usd', 'At most'),
];
const noBill =
  'No bill is known of the range: let a source collect bills, or `crossbill import` a cost export.';
const drift = money('drift_usd', 'Drift');
/** The parts of the audit that a cloud and an account narrow. */
const auditFilters = { cloud: '${cloud:csv}', account: '${account:csv}', model: '${model:csv}' };

export const trust: Board = {
  uid: 'crossbill-trust',
  title: 'Crossbill: Trust',
  description:
    'How far the other boards can be believed: how fresh, how settled, how well the bill agrees.',
  from: 'now-29d/d',
  alerts: false,
  variables: filterVariables(),
  sections: [
    {
      title: 'In the range, unless it says now',
      lines: [
        {
          height: 4,
          panels: [
            [
              stat({
                title: 'Oldest data now',
                description:
                  'The longest lag of any target that has meters, from its watermark to now: up to there all is read and settled. Bills close days later and have their own part below. Of now, whatever the range.',
                ask: sources([seconds('lag_seconds', 'Lag'), count('series', 'Series')]),
                transformations: [moreThan('Series', 0)],
                reduce: 'max',
                unit: Seconds,
                shows: ['Lag'],
                thresholds: worseAbove(3_600, 21_600),
              }),
              4,
            ],
            [
              stat({
                title: 'Settled',
                description:
                  'Share of the range that was read after the last change the cloud may make.',
                ask: usage([settled], { step: 'total' }),
                unit: PercentUnit,
                shows: ['Settled'],
                thresholds: worseBelow(0.95, 0.5),
              }),
              4,
            ],
            [
              stat({
                title: 'Unpriced tokens',
                description: `Tokens that are in no cost. ${metered}`,
                ask: usage([unpriced], { step: 'total' }),
                unit: Short,
                shows: ['Unpriced'],
                thresholds: worseAbove(1, 1_000_000),
              }),
              4,
            ],
            [
              stat({
                title: 'Bill explained',
                description: `Share of the billed dollars that meters, prices or a plain kind of line account for. ${audited}`,
                ask: summary([share('total.explained_ratio', 'Explained')]),
                unit: PercentUnit,
                shows: ['Explained'],
                thresholds: worseBelow(0.95, 0.8),
              }),
              4,
            ],
            [
              stat({
                title: 'Bill unexplained',
                description: `Billed dollars that nothing accounts for. ${audited}`,
                ask: summary([money('total.unexplained_usd', 'Unexplained')]),
                unit: Dollars,
                decimals: 2,
                shows: ['Unexplained'],
              }),
              4,
            ],
            [
              stat({
                title: 'Own API cost today',
                description:
                  "What the agent's own calls of the clouds cost since midnight UTC, at list price. Of today, whatever the range; counted as calls are made, so it does not change later.",
                ask: sources([money('api_cost_usd_today', 'Own cost')]),
                reduce: 'sum',
                unit: Dollars,
                decimals: 4,
                shows: ['Own cost'],
              }),
              4,
            ],
          ],
        },
      ],
    },
    overTime(),
    bill(),
    {
      title: 'Sources now',
      lines: [
        {
          height: 11,
          panels: [
            [
              table({
                title: 'Targets',
                description:
                  'Each target as it is now: up to when it is read and settled, why it fails and what to do, and what asking it costs today.',
                ask: sources([
                  target,
                  { ...code('state', 'State'), width: 80 },
                  seconds('lag_seconds', 'Lag'),
                  ago('last_success', 'Last read'),
                  moment('watermark', 'Settled up to'),
                  code('reason', 'Reason'),
                  sentence('hint', 'What to do'),
                  count('series', 'Series'),
                  count('api_calls_today', 'Calls today'),
                  price('api_cost_usd_today', 'Cost today'),
                  seconds('cadence_seconds', 'Every'),
                  words('slowed', 'Slowed'),
                  count('irregularities', 'Irregularities'),
                ]),
                sortBy: 'Lag',
              }),
              24,
            ],
          ],
        },
      ],
    },
  ],
};

function overTime(): Section {
  return {
    title: 'Meters, in the range',
    lines: [
      {
        height: 8,
        panels: [
          [
            series({
              title: 'Bounds of the cost a day',
              description: `The least and the most a day can have cost, and what is taken in between. Equal where the meter shows all that the price depends on. ${estimated}`,
              ask: usage([time, ...bounds], { step: '1d', only: bounds }),
              unit: Dollars,
              style: 'lines',
            }),
            8,
          ],
          [
            series({
              title: 'Settled share of a day',
              description: `1 is a day that the cloud does not change any more. ${stepped}`,
              ask: usage([time, cloud, settled], { step: '1d', groupBy: 'cloud', only: [settled] }),
              unit: PercentUnit,
              style: 'lines',
              name: '${__field.labels.Cloud}',
              max: 1,
            }),
            8,
          ],
          [
            series({
              title: 'Tokens without a price a day',
              description: `They are in no cost; \`crossbill prices\` says why. ${metered} ${stepped}`,
              ask: usage([time, model, unpriced], {
                step: '1d',
                groupBy: 'model',
                only: [unpriced],
              }),
              unit: Short,
              style: 'bars',
              name: '${__field.labels.Model}',
            }),
            8,
          ],
        ],
      },
    ],
  };
}

function bill(): Section {
  return {
    title: 'Meters against the bill, in the range',
    lines: [
      {
        height: 5,
        panels: [
          [
            table({
              title: 'Billed dollars by cloud',
              description: `Explained, unexplained and pending add up to billed; share is explained of billed. Not billed is metered and on no final bill. ${audited}`,
              ask: summary(
                [
                  { ...cloud, selector: 'name' },
                  money('billed_usd', 'Billed'),
                  money('explained_usd', 'Explained'),
                  money('unexplained_usd', 'Unexplained'),
                  money('pending_usd', 'Pending'),
                  money('not_billed_usd', 'Not billed'),
                  share('explained_ratio', 'Share'),
                ],
                'clouds',
              ),
              sortBy: 'Billed',
              noValue: noBill,
            }),
            24,
          ],
        ],
      },
      {
        height: 7,
        panels: [
          [
            table({
              title: 'The bill by service',
              description:
                'As the clouds bill it, in their currency, credits and taxes included. Days that are not final may still change. An error means more lines than an answer holds: choose a cloud, an account or a shorter range.',
              ask: {
                path: '/api/v1/billed',
                params: { ...range, ...auditFilters },
                columns: [
                  cloud,
                  { ...words('service', 'Service'), width: 170, rest: 'lines' },
                  { ...words('currency', 'Currency'), width: 100 },
                  code('record_type', 'For'),
                  amount('cost', 'Charged'),
                ],
              },
              transformations: [grouped(['Cloud', 'Service', 'Currency', 'For'], ['Charged'])],
              made: { 'Charged (sum)': 'locale' },
              shows: ['Cloud', 'Service', 'For', 'Charged (sum)', 'Currency'],
              sortBy: 'Charged (sum)',
              noValue: noBill,
            }),
            24,
          ],
        ],
      },
      {
        height: 9,
        panels: [
          [
            table({
              title: 'What the differences are',
              description: `Rows of the audit by what their difference is. Drift is billed less metered. ${audited}`,
              ask: summary(
                [
                  { ...code('class', 'Class'), width: 160 },
                  sentence('means', 'Means'),
                  count('rows', 'Rows'),
                  money('billed_usd', 'Billed'),
                  drift,
                  money('unexplained_usd', 'Unexplained'),
                ],
                'classes',
              ),
              noValue: noBill,
            }),
            24,
          ],
        ],
      },
      {
        height: 11,
        panels: [
          [
            table({
              title: 'Largest differences',
              description: `Days and meters where bill and meters are furthest apart, each with a plain sentence. ${audited}`,
              ask: summary(
                [
                  { ...words('day', 'Day'), width: 105 },
                  cloud,
                  { ...model, width: 180 },
                  { ...words('meter', 'Meter'), width: 190 },
                  drift,
                  { ...code('class', 'Class'), width: 145 },
                  sentence('explanation', 'Explanation'),
                  money('metered_cost', 'Metered'),
                  money('billed_cost', 'Billed'),
                  { ...words('account', 'Account'), width: 140 },
                ],
                'largest',
              ),
              noValue: 'Bill and meters differ nowhere, or no bill is known of the range.',
            }),
            24,
          ],
        ],
      },
    ],
  };
}

function sources(columns: readonly Column[]): Ask {
  return { path: '/api/v1/sources', columns };
}

function summary(columns: readonly Column[], rows?: string): Ask {
  return {
    path: '/api/v1/audit/summary',
    params: { ...range, ...auditFilters },
    columns,
    ...(rows === undefined ? {} : { rows }),
  };
}
