import { capacityStep, queryCapacity } from '../query/capacity.ts';
import { stepName } from '../query/step.ts';
import * as z from 'zod';
import { filterParams, filtersIn, rangeIn, rangeParams, stepParam } from './params.ts';
import { defineRoute } from './route.ts';
import { count, known, time } from './rows.ts';

const row = z
  .object({
    time,
    cloud: z.string().meta({ description: 'The cloud' }),
    account: z.string().meta({ description: 'AWS account or Azure subscription' }),
    region: z.string().meta({ description: 'Region, lower case without spaces' }),
    resource: z.string().meta({ description: 'Azure account; empty on AWS' }),
    deployment: z.string().meta({ description: 'The deployment that the capacity is for' }),
    model: z.string().meta({ description: 'Canonical model, such as openai/gpt-4.1-mini' }),
    sku: z.string().meta({ description: 'As the cloud says it: `GlobalProvisionedManaged`' }),
    line: z.enum(['used', 'idle']).meta({
      description:
        'used: the share of whoever used it; idle: what nobody used. Together they are what the deployment costs',
    }),
    units: z.number().meta({
      description:
        'Units (PTUs) of the deployment, the newest of the bucket; the same in both lines',
    }),
    unit_hours: z.number().meta({
      description: 'Units times hours, used or not; the same in both lines',
    }),
    utilization: known('Share of the capacity in use, 0 to 1; null where no meter tells'),
    cost_usd: known(
      'List price of the line; null where its hours have no price, or no meter tells what was idle',
    ),
    cost_low_usd: known('The least it can be'),
    cost_high_usd: known('The most it can be'),
    tokens: count('Tokens that were served'),
    effective_usd_per_million: known(
      'What a million tokens came to, idle capacity included; null where none were served',
    ),
    settled: z.number().min(0).max(1).nullable().meta({
      description: 'Share of the time that was read after the last change the cloud may make',
    }),
  })
  .meta({ description: 'One deployment in one bucket' });

export const capacityRoute = defineRoute({
  path: '/api/v1/capacity',
  summary: 'What provisioned capacity costs, used or not',
  description:
    'Capacity times hours times list price: what a reservation or an agreement makes of it stands in the bill, not here. ' +
    'A deployment has two lines in every bucket in which it was charged: what was used, spread over its users by tokens in ' +
    '/api/v1/usage, and what stood idle. Capacity is accounted by the hour, so a shorter step is taken as 1h; the hour in ' +
    'progress counts up to now. What the first look at a deployment found is taken to have been there as far back as ' +
    'anything of its account was read.',
  scope: 'read',
  sharing: 'exactly',
  params: z.object({ ...rangeParams, ...stepParam, ...filterParams }),
  row,
  rowName: 'CapacityRow',
  headers: { 'Crossbill-Step': 'The step that was used' },
  async answer({ from, to, step, ...filters }, access, deps) {
    const range = rangeIn({ from, to }, deps.clock.now());
    const rows = await queryCapacity(deps.reader, {
      from: range.start,
      to: range.end,
      stepMs: step,
      filters: filtersIn(filters),
      scope: access.scope,
      teams: deps.teams,
    });
    return { rows, headers: { 'Crossbill-Step': stepName(capacityStep(step)) } };
  },
});
