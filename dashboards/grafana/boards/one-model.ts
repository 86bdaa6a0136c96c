import { Dollars, Milliseconds, PercentUnit, Short } from '@grafana/grafana-foundation-sdk/units';
import { holding, range } from '../asks.ts';
import type { Board } from '../board.ts';
import {
  cloud,
  code,
  count,
  milliseconds,
  moment,
  money,
  price,
  share,
  time,
  tokenTypes,
  words,
} from '../columns.ts';
import type { Ask, Column } from '../infinity.ts';
import { series, table } from '../panels.ts';
import { allTokens, binary, perMillion, sumOf } from '../transform.ts';
import { oneModelVariable, sourceVariable } from '../variables.ts';
import { estimated, metered, priced, stepped } from '../words.ts';

const typeNames = tokenTypes.map(({ text }) => text);
const cost = money('cost_usd', 'Cost');
const output = count('output_tokens', 'Output');
const throttles = count('throttles', 'Throttles');
const counted: readonly Column[] = [
  ...tokenTypes,
  count('requests', 'Requests'),
  count('errors', 'Errors'),
  throttles,
  cost,
  share('settled', 'Settled'),
];
const figures = [
  allTokens(typeNames),
  ...perMillion('Cost'),
  sumOf(
    'All input',
    typeNames.filter((name) => name !== 'Output'),
  ),
  binary('Cache share', 'Cache read', '/', 'All input'),
  binary('Failed', 'Errors', '/', 'Requests'),
  sumOf('Sent', ['Requests', 'Throttles']),
  binary('Throttled', 'Throttles', '/', 'Sent'),
];
const made = {
  Tokens: Short,
  'USD per 1M': Dollars,
  'Cache share': PercentUnit,
  Failed: PercentUnit,
  Throttled: PercentUnit,
};
const shownFigures = [
  'Cost',
  'USD per 1M',
  'Tokens',
  'Cache share',
  'Requests',
  'Failed',
  'Throttled',
  'Settled',
];
const fair =
  'A cheaper row may have read more from a cache or written less: look at the cache share before you compare.';

export const oneModel: Board = {
  uid: 'crossbill-one-model',
  title: 'Crossbill: One model, two clouds',
  description: 'The same model on each cloud: price, speed, failures and what it is listed at.',
  from: 'now-7d/h',
  alerts: true,
  variables: [sourceVariable('yesoreyeram-infinity-datasource'), oneModelVariable()],
  sections: [
    {
      title: 'Side by side, in the range',
      lines: [
        {
          height: 6,
          panels: [
            [
              table({
                title: 'By cloud',
                description: `The model on each cloud over the range. ${fair} ${estimated} ${priced}`,
                ask: ofModel('usage', [cloud], counted, { step: 'total', groupBy: 'cloud' }),
                transformations: figures,
                made,
                shows: ['Cloud', ...shownFigures],
                sortBy: 'Cost',
              }),
              24,
            ],
          ],
        },
        {
          height: 9,
          panels: [
            [byCloud('Cost', cost, Dollars, `${estimated} ${priced}`), 8],
            [byCloud('Output tokens', output, Short, metered), 8],
            [byCloud('Throttled requests', throttles, Short, metered), 8],
          ],
        },
      ],
    },
    {
      title: 'Speed, in the range',
      lines: [
        {
          height: 9,
          panels: [
            [
              series({
                title: 'Mean latency',
                description: `Until the last token (request) and until the first (first_token), weighted by requests. A bucket without requests is empty. ${metered}`,
                ask: ofModel(
                  'latency',
                  [time, cloud],
                  [words('phase', 'Phase'), milliseconds('avg_ms', 'Mean')],
                  { step: '$__interval', groupBy: 'cloud' },
                ),
                unit: Milliseconds,
                style: 'lines',
                many: true,
                name: '${__field.labels.Cloud} ${__field.labels.Phase}',
                interval: '5m',
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
                title: 'Latency by deployment',
                description: `Over the range. Percentiles are never merged, so how long nine of ten took is empty where several readings would have to be. ${metered}`,
                ask: ofModel(
                  'latency',
                  [cloud, words('region', 'Region'), words('deployment', 'Deployment')],
                  [
                    code('phase', 'Phase'),
                    count('count', 'Measured'),
                    milliseconds('avg_ms', 'Mean'),
                    milliseconds('p90_ms', 'p90'),
                    milliseconds('max_ms', 'Max'),
                  ],
                  { step: 'total', groupBy: 'cloud,region,deployment' },
                ),
                sortBy: 'Mean',
              }),
              24,
            ],
          ],
        },
      ],
    },
    {
      title: 'Where and at what price',
      lines: [
        {
          height: 9,
          panels: [
            [
              table({
                title: 'By place',
                description: `Region, routing, tier and deployment of the model. ${fair} ${estimated}`,
                ask: ofModel(
                  'usage',
                  [
                    cloud,
                    words('region', 'Region'),
                    code('routing', 'Routing'),
                    code('tier', 'Tier'),
                    words('deployment', 'Deployment'),
                  ],
                  counted,
                  { step: 'total', groupBy: 'cloud,region,routing,tier,deployment' },
                ),
                transformations: figures,
                made,
                shows: ['Cloud', 'Region', 'Routing', 'Tier', 'Deployment', ...shownFigures],
                sortBy: 'Cost',
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
                title: 'Price book',
                description:
                  'Every price that may hold for the model, past ones included; an empty place is everywhere. List prices as the source dates them, settled once and for all; discounts are not in it.',
                ask: {
                  path: '/api/v1/prices',
                  params: { model: '${model:csv}' },
                  columns: [
                    cloud,
                    words('region', 'Region'),
                    code('routing', 'Routing'),
                    code('tier', 'Tier'),
                    code('token_type', 'Token type'),
                    code('context_band', 'Context'),
                    code('cache_ttl', 'Cache kept'),
                    price('usd_per_million', 'USD per 1M'),
                    price('usd_per_unit_hour', 'USD a unit-hour'),
                    code('source', 'Source'),
                    moment('effective_from', 'From'),
                    moment('effective_to', 'Until'),
                  ],
                },
                noValue:
                  'No price is known for this model: add one under `prices` in crossbill.yaml.',
              }),
              24,
            ],
          ],
        },
      ],
    },
  ],
};

interface Cut {
  readonly step: string;
  readonly groupBy: string;
}

function ofModel(
  about: 'usage' | 'latency',
  groups: readonly Column[],
  drawn: readonly Column[],
  { step, groupBy }: Cut,
): Ask {
  const params = { ...range, step, group_by: groupBy, model: '${model:csv}' };
  const columns = [...groups, ...drawn];
  return holding({ path: `/api/v1/${about}`, params, columns }, drawn);
}

function byCloud(title: string, column: Column, unit: string, settled: string) {
  const ask = ofModel('usage', [time, cloud], [column], { step: '$__interval', groupBy: 'cloud' });
  return series({
    title: `${title} by cloud`,
    description: `${settled} ${stepped}`,
    // The three share an answer.
    ask: holding(ask, [cost, output, throttles]),
    unit,
    style: 'bars',
    name: '${__field.labels.Cloud}',
    interval: '1h',
  });
}
