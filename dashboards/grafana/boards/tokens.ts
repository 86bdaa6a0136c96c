import { PercentUnit, Short } from '@grafana/grafana-foundation-sdk/units';
import { capacity, filterVariables, usage } from '../asks.ts';
import type { Board } from '../board.ts';
import {
  cloud,
  code,
  count,
  model,
  money,
  share,
  team,
  time,
  tokenTypes,
  words,
} from '../columns.ts';
import type { Column } from '../infinity.ts';
import { series, stat, table, worseAbove } from '../panels.ts';
import { allTokens, binary, known, sumOf } from '../transform.ts';
import { estimated, metered, stepped } from '../words.ts';
import { cacheEconomics } from './cache-economics.ts';

const typeNames = tokenTypes.map(({ text }) => text);
const inputs = tokenTypes.filter(({ selector }) => selector !== 'output_tokens');
const inputNames = inputs.map(({ text }) => text);
const cacheShare = [
  sumOf('All input', inputNames),
  binary('Cache share', 'Cache read', '/', 'All input'),
];
const requests = count('requests', 'Requests');
const errors = count('errors', 'Errors');
const throttles = count('throttles', 'Throttles');
const cost = money('cost_usd', 'Cost');
/** Of both graphs, so that they share an answer. */
const overTime = { step: '$__interval', only: tokenTypes };

export const tokens: Board = {
  uid: 'crossbill-tokens',
  title: 'Crossbill: Tokens and caching',
  description: 'What is read and written, how much of it comes from a cache, and what fails.',
  from: 'now-7d/h',
  alerts: true,
  variables: filterVariables(),
  sections: [
    {
      title: 'In the range',
      lines: [
        {
          height: 4,
          panels: [
            [
              stat({
                title: 'Tokens',
                description: `All five types, which do not overlap. ${metered}`,
                ask: usage([...tokenTypes, share('settled', 'Settled')], { step: 'total' }),
                transformations: [known('Settled'), allTokens(typeNames)],
                unit: Short,
                shows: ['Tokens'],
              }),
              5,
            ],
            [
              stat({
                title: 'Read from a cache',
                description: `Of all input tokens. A meter that does not tell cached input apart counts as not cached, so this is a floor. ${metered}`,
                ask: usage(inputs, { step: 'total' }),
                transformations: cacheShare,
                unit: PercentUnit,
                shows: ['Cache share'],
              }),
              5,
            ],
            [
              stat({
                title: 'Requests',
                description: `Accepted ones, those that failed included; throttled ones apart. ${metered}`,
                ask: usage([requests], { step: 'total' }),
                unit: Short,
                shows: ['Requests'],
              }),
              4,
            ],
            [
              stat({
                title: 'Failed',
                description: `Errors of accepted requests. ${metered}`,
                ask: usage([requests, errors], { step: 'total' }),
                transformations: [binary('Failed', 'Errors', '/', 'Requests')],
                unit: PercentUnit,
                shows: ['Failed'],
                thresholds: worseAbove(0.02, 0.05),
              }),
              5,
            ],
            [
              stat({
                title: 'Throttled',
                description: `Refused for their rate, of all that were sent. ${metered}`,
                ask: usage([requests, throttles], { step: 'total' }),
                transformations: [
                  sumOf('Sent', ['Requests', 'Throttles']),
                  binary('Throttled', 'Throttles', '/', 'Sent'),
                ],
                unit: PercentUnit,
                shows: ['Throttled'],
                thresholds: worseAbove(0.01, 0.05),
              }),
              5,
            ],
          ],
        },
      ],
    },
    {
      title: 'Over time',
      lines: [
        {
          height: 9,
          panels: [
            [
              series({
                title: 'Tokens by type',
                description: `The types are disjoint: the height is all there is. Unsplit input is where no meter says whether it was cached. ${metered} ${stepped}`,
                ask: usage([time, ...tokenTypes], overTime),
                unit: Short,
                style: 'bars',
                many: true,
                interval: '5m',
              }),
              12,
            ],
            [
              series({
                title: 'Share read from a cache',
                description: `Of all input tokens in each bucket. ${metered} ${stepped}`,
                ask: usage([time, ...inputs], overTime),
                transformations: [
                  ...cacheShare,
                  {
                    id: 'organize',
                    options: {
                      indexByName: {},
                      excludeByName: Object.fromEntries(
                        [...inputNames, 'All input'].map((name) => [name, true]),
                      ),
                      renameByName: {},
                    },
                  },
                ],
                unit: PercentUnit,
                style: 'lines',
                max: 1,
                interval: '5m',
              }),
              12,
            ],
          ],
        },
        {
          height: 9,
          panels: [
            [byGroup('Output tokens by model', model, 'model'), 12],
            [byGroup('Output tokens by team', team, 'team'), 12],
          ],
        },
      ],
    },
    cacheEconomics(),
    {
      title: 'By model, in the range',
      lines: [
        {
          height: 10,
          panels: [
            [
              table({
                title: 'Models',
                description: `Tokens by type, what of the input came from a cache, and the cost. ${metered} ${estimated}`,
                ask: usage([model, ...tokenTypes, requests, cost], {
                  step: 'total',
                  groupBy: 'model',
                  only: [...tokenTypes, requests, cost],
                }),
                transformations: [...cacheShare, allTokens(typeNames)],
                made: { Tokens: Short, 'Cache share': PercentUnit },
                shows: ['Model', 'Tokens', ...typeNames, 'Cache share', 'Requests', 'Cost'],
                sortBy: 'Tokens',
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
                title: 'Provisioned capacity',
                description:
                  'What each deployment costs at list price, used and idle together over the range; a reservation makes it cheaper in the bill, not here. The hour in progress counts up to now.',
                ask: capacity([
                  cloud,
                  words('region', 'Region'),
                  words('deployment', 'Deployment'),
                  model,
                  code('line', 'Used or idle'),
                  count('tokens', 'Tokens'),
                  cost,
                  money('cost_low_usd', 'Low'),
                  money('cost_high_usd', 'High'),
                  share('utilization', 'Utilization'),
                ]),
                sortBy: 'Cost',
                noValue: 'No provisioned capacity was held in the range.',
              }),
              24,
            ],
          ],
        },
      ],
    },
  ],
};

function byGroup(title: string, column: Column, groupBy: string) {
  const output = count('output_tokens', 'Output');
  return series({
    title,
    description: `${metered} ${stepped}`,
    ask: usage([time, column, output], { step: '$__interval', groupBy, only: [output] }),
    unit: Short,
    style: 'bars',
    many: true,
    name: `\${__field.labels.${column.text}}`,
    interval: '1h',
  });
}
