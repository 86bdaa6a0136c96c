import { auditClasses, wholeAudit } from '../core/audit.ts';
import type { AuditFacts, AuditRow, AuditSummary, AuditTotal } from '../core/audit.ts';
import type { Cloud } from '../core/cloud.ts';
import type { PriceItem } from '../core/price.ts';
import { ceilTo, dayMs } from '../core/time.ts';
import { matchesAny } from '../query/dimensions.ts';
import type { Filters } from '../query/dimensions.ts';
import { mostRows, TooManyRowsError } from '../query/too-many-rows.ts';
import * as z from 'zod';
import type { Access } from './auth.ts';
import { daysParams, patterns, rangeIn } from './params.ts';
import { ProblemError } from './problem.ts';
import { defineRoute } from './route.ts';
import type { RouteDeps } from './route.ts';
import { known } from './rows.ts';

const clouds: readonly Cloud[] = ['aws', 'azure'];
const items: readonly PriceItem[] = ['input', 'cache_read', 'cache_write', 'output', 'unit_hour'];
const rangeDays = 30;
const word = (description: string) => z.string().meta({ description });
const usd = (description: string) => z.number().meta({ description });

const params = {
  ...daysParams(`${rangeDays} days`),
  cloud: patterns('Cloud', clouds).optional(),
  account: patterns('Account or subscription').optional(),
  resource: patterns('Azure account').optional(),
  region: patterns('Region').optional(),
  model: patterns('Model').optional(),
  meter: patterns('Usage type or meter').optional(),
  class: patterns('What the difference is', auditClasses).optional(),
};

const row = z.object({
  day: z.iso.date().meta({ description: 'The UTC day' }),
  cloud: z.enum(clouds),
  account: word('AWS account or Azure subscription'),
  resource: word('Azure account; empty on AWS, and where the bill does not say'),
  region: word('Region; empty where the bill does not say'),
  model: word('Canonical model; empty of what is no meter of a model'),
  meter: word("In the bill's words; of what no bill line answers, the item and its traffic"),
  token_type: z.enum(items).nullable().meta({ description: 'Null of what counts no tokens' }),
  metered_quantity: known('Tokens; null where no meter was read'),
  billed_quantity: known('Tokens; null where the bill tells none'),
  drift_quantity: known('Tokens, billed less metered; what is on one side only counts whole'),
  drift_ratio: known('Of the metered quantity'),
  metered_cost: known('Dollars, at the prices of the day; null without a price'),
  billed_cost: known('In `currency`'),
  drift_usd: known('Dollars; null where nothing can be compared'),
  currency: word('ISO 4217, of billed_cost'),
  class: z.enum(auditClasses).meta({ description: 'What the difference is' }),
  assumption: word('What is taken to hold'),
  explanation: word('A plain sentence'),
} satisfies Readonly<Record<keyof AuditRow, z.ZodType>>);

const total = z.object({
  name: word('The month, the cloud, or total'),
  billed_usd: usd('explained + unexplained + pending'),
  explained_usd: usd('Meters, prices or a plain kind of line account for it'),
  unexplained_usd: usd('Nothing accounts for it'),
  pending_usd: usd('Of days that are not final or not read whole'),
  explained_ratio: known('0 to 1; null where nothing is billed'),
  not_billed_usd: usd('Metered at the prices of the day, and on no final bill'),
} satisfies Readonly<Record<keyof AuditTotal, z.ZodType>>);

const summary = z.object({
  from: z.iso.date(),
  to: z.iso.date().meta({ description: 'Exclusive' }),
  headline: word('The range in one line'),
  total,
  months: z.array(total),
  clouds: z.array(total),
  classes: z
    .array(
      z.object({
        class: z.enum(auditClasses),
        means: word('What the class means'),
        rows: z.int().nonnegative(),
        billed_usd: usd('Billed'),
        drift_usd: usd('Billed less metered, of rows that have both'),
        unexplained_usd: usd('Nothing accounts for it'),
      }),
    )
    .meta({ description: 'Largest unexplained first' }),
  largest: z.array(row).meta({ description: 'The rows with the largest differences in dollars' }),
  models: z
    .array(
      z.object({
        model: word('Canonical model'),
        cloud: z.enum(clouds),
        drift_ratio: known('Drift over metered dollars of comparable days'),
        drift_usd: usd('Billed less metered'),
        class: z.enum(auditClasses).meta({ description: 'Of the largest difference' }),
        days: z.int().nonnegative().meta({ description: 'With a difference of that class' }),
      }),
    )
    .meta({ description: 'How each model stands' }),
  other_currencies: z
    .array(z.object({ currency: word('ISO 4217'), billed: z.number() }))
    .meta({ description: 'Billed without a configured rate; in none of the dollars above' }),
} satisfies Readonly<Record<keyof AuditSummary, z.ZodType>>);

type Given = z.output<z.ZodObject<typeof params>>;

export const auditRoute = defineRoute({
  path: '/api/v1/audit',
  summary: 'Metered against billed, day by day, meter by meter',
  description:
    'A row for every billed meter of every UTC day that is over, and for every metered item that no bill line answers. ' +
    'Drift is billed less metered; quantities are tokens. The class says what a difference is, and the assumption what is ' +
    'taken to hold for it. 422 where there are more rows than an answer holds.',
  scope: 'read',
  sharing: 'by-minute',
  params: z.object(params),
  row,
  rowName: 'AuditRow',
  headers: {},
  async answer(given, access, deps) {
    const audited = await auditOf(given, access, deps);
    if (audited.count > mostRows) {
      throw new TooManyRowsError(
        `${say(audited.count)} rows, the most is ${say(mostRows)}: take a shorter range or more filters; ` +
          '/api/v1/audit/summary adds them up',
        audited.count,
        mostRows,
      );
    }
    return { rows: await audited.rows() };
  },
});

export const auditSummaryRoute = defineRoute({
  path: '/api/v1/audit/summary',
  summary: 'How much of the bill is explained',
  description:
    'The rows of /api/v1/audit added up: what is explained, what is not and by which class, the largest differences, ' +
    'and how each model stands.',
  scope: 'read',
  sharing: 'by-minute',
  params: z.object(params),
  row: summary,
  isDocument: true,
  rowName: 'AuditSummary',
  headers: {},
  async answer(given, access, deps) {
    return { rows: (await auditOf(given, access, deps)).summary() };
  },
});

/** The last thirty days unless said. Throws what the parameters and the asker's limits make wrong. */
export async function auditOf({ from, to, ...filters }: Given, access: Access, deps: RouteDeps) {
  const now = deps.clock.now();
  const range = rangeIn({ from, to }, now, rangeDays * dayMs);
  const days = { start: ceilTo(range.start, dayMs), end: ceilTo(range.end, dayMs) };
  const given = [...Object.entries(filters), ...seen(access.scope)];
  return deps.audit(days, now, choiceOf(given));
}

/** Rows that fit all conditions; nothing wanted, or anything, is no condition. */
function choiceOf(given: readonly (readonly [string, readonly string[] | undefined])[]) {
  const conditions = given.flatMap(([column, wanted = []]) => {
    if (wanted.length === 0 || wanted.includes('*')) return [];
    if (isColumn(column)) return [{ column, wanted }];
    throw new RangeError(`the audit has no column ${column}`);
  });
  if (conditions.length === 0) return wholeAudit;
  return {
    name: JSON.stringify(conditions),
    keeps: (facts: AuditFacts) =>
      conditions.every(({ column, wanted }) => matchesAny(facts[column], wanted)),
  };
}

const told = ['cloud', 'account', 'resource', 'region', 'model', 'meter', 'class'] as const;

function isColumn(name: string): name is keyof AuditFacts {
  return told.some((column) => column === name);
}

/** What a token's match leaves of the audit. One that names what no bill tells shows nothing of it. */
function seen(scope: Filters): readonly (readonly [string, readonly string[]])[] {
  const untold = [...scope.keys()].filter((dimension) => !isColumn(dimension));
  if (untold.length > 0) {
    throw new ProblemError(
      'forbidden',
      `the token is limited by ${untold.join(', ')}, which no bill tells; use a token limited by ` +
        'cloud, account, resource, region or model, or by nothing',
    );
  }
  return [...scope];
}

function say(count: number): string {
  return count.toLocaleString('en-US');
}
