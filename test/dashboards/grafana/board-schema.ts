import { z } from 'zod';
import { generatedFiles } from '../../../dashboards/grafana/boards.ts';

const source = z.object({ type: z.string(), uid: z.string() });

const infinityTarget = z.strictObject({
  refId: z.string(),
  datasource: source,
  type: z.literal('json'),
  parser: z.literal('backend'),
  source: z.literal('url'),
  format: z.enum(['table', 'timeseries', 'dataframe']),
  root_selector: z.string(),
  filters: z.array(z.never()),
  url: z.string().startsWith('/api/v1/'),
  url_options: z.strictObject({
    method: z.literal('GET'),
    data: z.literal(''),
    params: z.array(z.strictObject({ key: z.string(), value: z.string() })),
  }),
  columns: z
    .array(
      z.strictObject({
        selector: z.string(),
        text: z.string(),
        type: z.enum(['number', 'string', 'timestamp']),
      }),
    )
    .min(1),
});
export type InfinityTarget = z.output<typeof infinityTarget>;

const prometheusTarget = z.looseObject({ refId: z.string(), datasource: source, expr: z.string() });

const transformation = z.object({
  id: z.string(),
  options: z.record(z.string(), z.unknown()),
});
export type Transformation = z.output<typeof transformation>;

const panel = z.looseObject({
  id: z.int(),
  type: z.enum(['stat', 'table', 'timeseries', 'bargauge']),
  title: z.string(),
  description: z.string(),
  datasource: source,
  targets: z.array(z.union([infinityTarget, prometheusTarget])),
  transformations: z.array(transformation).default([]),
  gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
  interval: z.string().optional(),
  maxDataPoints: z.number().optional(),
  options: z.looseObject({
    reduceOptions: z
      .object({ values: z.boolean(), calcs: z.array(z.string()), fields: z.string() })
      .optional(),
    sortBy: z.array(z.object({ displayName: z.string() })).optional(),
  }),
  fieldConfig: z.object({
    defaults: z.looseObject({
      unit: z.string(),
      noValue: z.string().optional(),
      displayName: z.string().optional(),
      custom: z.unknown().optional(),
    }),
    overrides: z.array(
      z.object({
        matcher: z.object({ id: z.enum(['byName', 'byRegexp']), options: z.string() }),
        properties: z.array(z.object({ id: z.string(), value: z.unknown() })),
      }),
    ),
  }),
});
export type BoardPanel = z.output<typeof panel>;

const row = z.object({
  id: z.int(),
  type: z.literal('row'),
  title: z.string(),
  gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
});

const variable = z.looseObject({
  type: z.enum(['datasource', 'query']),
  name: z.string(),
  label: z.string(),
  refresh: z.number().optional(),
  multi: z.boolean(),
  includeAll: z.boolean(),
  allValue: z.string().optional(),
  query: z.union([
    z.string(),
    z.object({ queryType: z.literal('infinity'), infinityQuery: infinityTarget }),
  ]),
});

const board = z.looseObject({
  uid: z.string(),
  title: z.string(),
  editable: z.boolean(),
  timezone: z.string(),
  schemaVersion: z.number(),
  tags: z.array(z.string()),
  time: z.object({ from: z.string(), to: z.string() }),
  panels: z.array(z.union([panel, row])),
  templating: z.object({ list: z.array(variable) }),
  annotations: z.object({
    list: z.array(z.looseObject({ name: z.string(), datasource: source, target: infinityTarget })),
  }),
});
export type BoardJson = z.output<typeof board>;

/** Every board as it is generated now. */
export function boardsJson(): readonly BoardJson[] {
  return [...generatedFiles().values()].map((text) => board.parse(JSON.parse(text)));
}

/** Panels without the headings. */
export function panelsOf({ panels }: BoardJson): readonly BoardPanel[] {
  return panels.flatMap((one) => (one.type === 'row' ? [] : [one]));
}

/** The question of a panel over Infinity. */
export function targetOf({ title, targets }: BoardPanel): InfinityTarget {
  const [target] = targets;
  const parsed = infinityTarget.safeParse(target);
  if (!parsed.success) throw new Error(`${title} asks no Infinity`);
  return parsed.data;
}
