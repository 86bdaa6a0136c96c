import type { Dimension } from '../core/dimension.ts';
import { matchesAny } from '../query/dimensions.ts';
import type { Filters } from '../query/dimensions.ts';
import { querySources } from '../query/sources.ts';
import type { SourceRow } from '../query/sources.ts';
import * as z from 'zod';
import type { Access } from './auth.ts';
import { ProblemError } from './problem.ts';
import { defineRoute } from './route.ts';
import type { RouteDeps } from './route.ts';

const moment = (description: string) => z.iso.datetime().nullable().meta({ description });
const words = (description: string) => z.string().nullable().meta({ description });
const number = (description: string) => z.number().meta({ description });

const row = z.object({
  source: z.string().meta({ description: 'Its name in the configuration' }),
  target: z.string().meta({
    description: 'What is read as one, the scope that failed, or the source for its listings',
  }),
  cloud: words('aws or azure; null in the row of a whole source'),
  account: z.string(),
  region: z.string(),
  resource: z.string(),
  state: z.enum(['ok', 'failing', 'waiting']).meta({
    description: 'waiting: neither read nor failed yet',
  }),
  last_success: moment('When it was last read whole'),
  watermark: moment('Up to here everything was read and is settled'),
  lag_seconds: z.number().nullable().meta({ description: 'From the watermark to now' }),
  reason: words('Why the last failure happened'),
  operation: words('What was attempted'),
  hint: words('What a person can do about it'),
  message: words('What the other side said'),
  failed_at: moment('When'),
  series: number('Series known'),
  units: number('Meters that are read or not read as a whole'),
  api_calls_today: number('Calls to the cloud since midnight UTC'),
  api_cost_usd_today: number("Their cost at the cloud's list price"),
  cadence_seconds: number('How often it is read'),
  next_poll: moment('When it is read next'),
  slowed: words('What waits for the sake of the API spend limit, why, and what to do'),
  irregularities: number('Rejected samples, vanished points and contract violations'),
  irregularity_kinds: z.string().meta({ description: 'The same by kind; empty where none' }),
} satisfies Readonly<Record<keyof SourceRow, z.ZodType>>);

export const sourcesRoute = defineRoute({
  path: '/api/v1/sources',
  summary: 'How each target of each source is doing',
  description:
    'One row a target: its freshness, its last failure with what to do, its own cost; and one an exporter, ' +
    'whose source is `exporter`.',
  scope: 'read',
  sharing: 'exactly',
  params: z.object({}),
  row,
  rowName: 'SourceRow',
  headers: {},
  async answer(_params, access, deps) {
    return { rows: await sourcesOf(access, deps) };
  },
});

/** Throws a 403 where the asker is limited by what no target tells. */
export async function sourcesOf(
  { scope }: Access,
  { status, clock, everySeconds, exporters }: RouteDeps,
): Promise<readonly SourceRow[]> {
  const rows = await querySources(status, clock.now(), everySeconds, exporters?.());
  return visible(rows, scope);
}

const told: ReadonlySet<Dimension> = new Set([
  'cloud',
  'provider',
  'account',
  'resource',
  'region',
] as const);

/** What a token's match leaves of the targets. One that names what a target does not tell shows none of them. */
function visible(rows: readonly SourceRow[], scope: Filters): readonly SourceRow[] {
  const untold = [...scope.keys()].filter((dimension) => !told.has(dimension));
  if (untold.length > 0) {
    throw new ProblemError(
      'forbidden',
      `the token is limited by ${untold.join(', ')}, which no target tells; use a token limited by ` +
        `${[...told].join(', ')}, or by nothing`,
    );
  }
  return rows.filter((target) => {
    const values = new Map<Dimension, string>([
      ['cloud', target.cloud ?? ''],
      ['provider', providerOf(target.cloud)],
      ['account', target.account],
      ['resource', target.resource],
      ['region', target.region],
    ]);
    return [...scope].every(([name, patterns]) => matchesAny(values.get(name) ?? '', patterns));
  });
}

function providerOf(cloud: string | null): string {
  if (cloud === null) return '';
  return cloud === 'aws' ? 'aws.bedrock' : 'azure.ai.openai';
}
