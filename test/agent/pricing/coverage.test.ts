import { beforeAll, describe, expect, it } from 'vitest';
import type { Rater } from '../../../agent/core/rating.ts';
import { canonicalOf } from '../../../agent/normalize/canonical-of.ts';
import type { DefaultBook, LeftOut } from '../../../agent/pricing/genai/book.ts';
import { defaultBook } from '../../../agent/pricing/genai/default-prices.ts';
import { createRater } from '../../../agent/pricing/rater.ts';
import { azure, bedrock, rowOf, vendorIds } from './coverage.ts';
import type { Named } from './coverage.ts';
import { reportAt, tableOf } from './report.ts';

const report = reportAt(new URL('./COVERAGE.md', import.meta.url));

const ids = vendorIds();
const aws = ids.aws.map((id) => bedrock(id));
const azureModels = ids.azure.flatMap(({ name, version, format }) =>
  ['GlobalStandard', 'DataZoneStandard', 'Standard'].map((skuName) =>
    azure([name, version, skuName].filter((word) => word !== '').join(' '), {
      deployment: 'chat',
      inventory: { format, name, version, skuName },
    }),
  ),
);

const arn = 'arn:aws:bedrock:us-east-1';
const opusArns = ['us-east-1', 'us-west-2'].map(
  (region) => `arn:aws:bedrock:${region}::foundation-model/anthropic.claude-opus-4-5-20251101-v1:0`,
);
/** Other words for models of the list, each with the model and routing it must come out as. */
const spellings: readonly (readonly [string, Named, string, string])[] = [
  [
    'an ARN of a foundation model',
    bedrock(`${arn}::foundation-model/anthropic.claude-opus-4-5-20251101-v1:0`),
    'anthropic/claude-opus-4-5',
    'in_region',
  ],
  [
    'an ARN of a system profile',
    bedrock(`${arn}:111122223333:inference-profile/global.anthropic.claude-opus-4-5-20251101-v1:0`),
    'anthropic/claude-opus-4-5',
    'global',
  ],
  [
    'an ARN of an application profile, with its inventory',
    bedrock(`${arn}:111122223333:application-inference-profile/0example0001`, {
      name: 'search',
      modelArns: opusArns,
    }),
    'anthropic/claude-opus-4-5',
    'geo',
  ],
  [
    "an application profile's id, with its inventory",
    bedrock('0example0001', { name: 'search', modelArns: opusArns.slice(0, 1) }),
    'anthropic/claude-opus-4-5',
    'in_region',
  ],
  ['a context suffix', bedrock('amazon.nova-pro-v1:0:300k'), 'amazon/nova-pro', 'in_region'],
  ['a geography', bedrock('eu.amazon.nova-pro-v1:0'), 'amazon/nova-pro', 'geo'],
  ['the Mantle endpoint', bedrock('openai.gpt-oss-120b'), 'openai/gpt-oss-120b', 'in_region'],
  [
    'a deployment by any name, with its inventory',
    azure('search-prod', {
      deployment: 'search-prod',
      inventory: {
        format: 'OpenAI',
        name: 'gpt-4o',
        version: '2024-05-13',
        skuName: 'GlobalStandard',
      },
    }),
    'openai/gpt-4o',
    'global',
  ],
  [
    'a deployment named as its model, without inventory',
    azure('gpt-4o-2024-08-06', { deployment: 'gpt-4o-2024-08-06' }),
    'openai/gpt-4o',
    'unknown',
  ],
  [
    "the metric's own model name",
    azure('gpt-35-turbo 0613', {
      deployment: 'chat',
      modelName: 'gpt-35-turbo',
      modelVersion: '0613',
    }),
    'openai/gpt-3.5-turbo',
    'unknown',
  ],
];

const columns = ['id', 'model', 'routing', 'input', 'output', 'priced by', 'a range because'];

describe('the model ids of both clouds', () => {
  let book: DefaultBook = { prices: [], leftOut: [] };
  let rater: Rater | undefined;
  const rowsOf = (named: readonly Named[]) =>
    rater === undefined ? [] : named.map((one) => rowOf(one, rater ?? never(), book));
  beforeAll(async () => {
    book = await defaultBook(canonicalOf);
    rater = createRater(book.prices, []);
  });

  it('are priced with a named source, or unpriced for a reason', () => {
    const rows = rowsOf([...aws, ...azureModels]);
    expect(rows.length).toBeGreaterThan(250);
    expect(rows.filter(([, , , , , by]) => by === 'unpriced: unknown')).toEqual([]);
  });

  it('name a model that we know, all of them', () => {
    const unknown = [...aws, ...azureModels].filter(
      ({ identity }) => identity.confidence === 'none',
    );
    expect(unknown.map(({ said }) => said)).toEqual([]);
  });

  it.each(spellings)(
    '%s names its model and routing, and is priced',
    (_, named, model, routing) => {
      expect(named.subject).toMatchObject({ model, routing });
      expect(rowsOf([named])[0]?.[5]).toMatch(/^genai_prices /);
    },
  );

  it('are as the committed page says', () => {
    const [ofAws, ofAzure] = [rowsOf(aws), rowsOf(azureModels)];
    const figure = (name: string, rows: readonly (readonly string[])[]) => {
      const unpriced = rows.filter(([, , , , , by]) => by?.startsWith('unpriced')).length;
      return [name, String(rows.length), String(rows.length - unpriced), String(unpriced)];
    };
    const page = `# Which model ids have a default price

Written by \`UPDATE_PRICES=1 npx vitest run test/agent/pricing/coverage\`, and compared by the same test without it.

Ids as the clouds' meters, quotas and price meters name them (\`test/fixtures/prices/vendor-ids.json\`), on 2026-11-01, by the
default book alone; a price list or a prices file adds to it. US dollars for a million tokens. Where the book has a price for
another routing or tier only, the amount is made from it and the cost is a range; the last column says so.

${tableOf(['cloud', 'ids', 'priced', 'unpriced'], [figure('aws', ofAws), figure('azure', ofAzure)])}

## Amazon Bedrock

${tableOf(columns, ofAws)}

## Azure

${tableOf(columns, ofAzure)}

## Other words for the same

${tableOf(
  ['what', ...columns],
  spellings.map(([what, named]) => [what, ...(rowsOf([named])[0] ?? [])]),
)}

## Entries of the package that price nothing

An entry that is not listed here is the source of at least one price.

${leftOutTable(book.leftOut)}
`;
    if (process.env['UPDATE_PRICES'] === '1') report.write(page);
    expect(report.committed(), 'COVERAGE.md; UPDATE_PRICES=1 writes it anew').toBe(page);
  });
});

function never(): never {
  throw new Error('not loaded');
}

function leftOutTable(leftOut: readonly LeftOut[]): string {
  const reasons = [...new Set(leftOut.map(({ reason }) => reason))].toSorted();
  return tableOf(
    ['reason', 'entries'],
    reasons.map((reason) => [
      reason,
      leftOut
        .filter((one) => one.reason === reason)
        .map(({ reference }) => reference)
        .join(', '),
    ]),
  );
}
