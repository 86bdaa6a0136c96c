import { billSources, recordTypes } from '../core/bill.ts';
import type { Cloud } from '../core/cloud.ts';
import type { PriceItem } from '../core/price.ts';
import { dayMs } from '../core/time.ts';
import { billedFilterColumns, queryBilled } from '../query/billed.ts';
import type { BilledFilters, BilledRow } from '../query/billed.ts';
import type { Filters } from '../query/dimensions.ts';
import * as z from 'zod';
import { daysParams, patterns, rangeIn } from './params.ts';
import { ProblemError } from './problem.ts';
import { defineRoute } from './route.ts';
import { known } from './rows.ts';

const clouds: readonly Cloud[] = ['aws', 'azure'];
const items: readonly PriceItem[] = ['input', 'cache_read', 'cache_write', 'output', 'unit_hour'];
const word = (description: string) => z.string().meta({ description });

export const billedRow = z.object({
  day: z.iso.date().meta({ description: 'The UTC day' }),
  cloud: z.enum(clouds),
  account: word('AWS account or Azure subscription that used it'),
  resource: word('Azure account; empty on AWS, and where the bill does not say'),
  region: word('Region, lower case without spaces; empty where the bill does not say'),
  service: word("In the vendor's words"),
  meter: word("Usage type or meter, in the vendor's words"),
  model: z.string().nullable().meta({
    description:
      'Canonical model; null where the meter is none of a model, or nobody knows of which',
  }),
  token_type: z.enum(items).nullable().meta({
    description: 'What it is of; unit_hour: provisioned capacity for an hour; null where model is',
  }),
  quantity: known('In `unit`s; null where the bill tells none'),
  unit: word("In the vendor's words"),
  cost: z.number().meta({ description: 'What is charged, in `currency`; negative of credits' }),
  amortized_cost: known(
    'The same with commitments spread over their time; null where the source does not tell it',
  ),
  currency: word('ISO 4217'),
  record_type: z.enum(recordTypes).meta({ description: 'What the amount is for' }),
  final: z.boolean().meta({ description: 'Whether it is not expected to change' }),
  source: z.enum(billSources).meta({ description: 'Who says so' }),
} satisfies Readonly<Record<keyof BilledRow, z.ZodType>>);

export const billedRoute = defineRoute({
  path: '/api/v1/billed',
  summary: 'What the clouds bill, by day and meter',
  description:
    'Amounts as the vendor bills them, credits and taxes included: sum those of one currency and of the record types you ' +
    `mean. Of each account's day the first of ${billSources.join(', ')} that tells it is the bill, and nothing of the ` +
    'others is added. With `source`, what each of these says, also where another one is the bill.',
  scope: 'read',
  sharing: 'exactly',
  params: z.object({
    ...daysParams('30 days'),
    cloud: patterns('Cloud', clouds).optional(),
    account: patterns('Account or subscription').optional(),
    resource: patterns('Azure account').optional(),
    region: patterns('Region').optional(),
    service: patterns('Service').optional(),
    meter: patterns('Usage type or meter').optional(),
    model: patterns('Model').optional(),
    token_type: patterns('What it is of', items).optional(),
    currency: patterns('Currency').optional(),
    record_type: patterns('What the amount is for', recordTypes).optional(),
    source: patterns('Who says so', billSources).optional(),
  }),
  row: billedRow,
  rowName: 'BilledRow',
  headers: {},
  async answer({ from, to, source = [], ...filters }, access, { bills, clock }) {
    const range = rangeIn({ from, to }, clock.now(), 30 * dayMs);
    const scope = seen(access.scope);
    return { rows: await queryBilled(bills, { range, filters, sources: source, scope }) };
  },
});

/** What a token's match leaves of the bill. One that names what no bill tells shows nothing of it. */
function seen(scope: Filters): BilledFilters {
  const told: readonly string[] = billedFilterColumns;
  const untold = [...scope.keys()].filter((dimension) => !told.includes(dimension));
  if (untold.length > 0) {
    throw new ProblemError(
      'forbidden',
      `the token is limited by ${untold.join(', ')}, which no bill tells; use a token limited by ` +
        'cloud, account, resource, region or model, or by nothing',
    );
  }
  return Object.fromEntries(scope);
}
