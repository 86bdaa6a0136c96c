import { z } from 'zod';
import type { Transformation } from './board-schema.ts';
import type { Field, Frame } from './infinity-emulator.ts';

const calculate = z.union([
  z.strictObject({
    mode: z.literal('reduceRow'),
    reduce: z.strictObject({ include: z.array(z.string()), reducer: z.literal('sum') }),
    alias: z.string(),
  }),
  z.strictObject({
    mode: z.literal('binary'),
    binary: z.strictObject({ left: z.string(), operator: z.enum(['/', '*']), right: z.string() }),
    alias: z.string(),
  }),
  z.strictObject({
    mode: z.literal('cumulativeFunctions'),
    cumulative: z.strictObject({ field: z.string(), reducer: z.literal('sum') }),
    alias: z.string(),
    replaceFields: z.literal(true),
  }),
]);
const organize = z.strictObject({
  indexByName: z.record(z.string(), z.number()),
  excludeByName: z.record(z.string(), z.boolean()),
  renameByName: z.strictObject({}),
});
const groupBy = z.strictObject({
  fields: z.record(
    z.string(),
    z.strictObject({
      aggregations: z.array(z.literal('sum')),
      operation: z.enum(['groupby', 'aggregate']),
    }),
  ),
});
const filterByValue = z.strictObject({
  filters: z
    .array(
      z.strictObject({
        fieldName: z.string(),
        config: z.union([
          z.strictObject({
            id: z.literal('greater'),
            options: z.strictObject({ value: z.number() }),
          }),
          z.strictObject({ id: z.literal('isNotNull'), options: z.strictObject({}) }),
        ]),
      }),
    )
    .length(1),
  type: z.literal('include'),
  match: z.literal('all'),
});
const sortBy = z.strictObject({
  fields: z.strictObject({}),
  sort: z.tuple([z.strictObject({ field: z.string(), desc: z.literal(true) })]),
});

/** What Grafana's transformations make of a frame, as far as the boards use them; throws where one names what is not there. */
export function transformed(frame: Frame, steps: readonly Transformation[]): Frame {
  return steps.reduce((so, { id, options }) => {
    if (so.fields.length === 0) return so;
    if (id === 'calculateField') return calculated(so, calculate.parse(options));
    if (id === 'organize') return organized(so, organize.parse(options));
    if (id === 'groupBy') return groupedBy(so, groupBy.parse(options));
    if (id === 'filterByValue') return filtered(so, filterByValue.parse(options));
    if (id === 'sortBy') return sorted(so, sortBy.parse(options));
    throw new Error(`no transformation ${id} here`);
  }, frame);
}

function calculated(frame: Frame, options: z.output<typeof calculate>): Frame {
  const length = frame.fields[0]?.values.length ?? 0;
  const at = (name: string, index: number): number =>
    Number.isNaN(Number(name)) ? Number(fieldIn(frame, name).values[index] ?? 0) : Number(name);
  const made = (values: readonly number[]): Field => ({
    name: options.alias,
    type: 'number',
    labels: {},
    values,
  });
  const rows = Array.from({ length }, (_, index) => index);
  if (options.mode === 'reduceRow') {
    const { include } = options.reduce;
    const sums = rows.map((row) => include.reduce((sum, name) => sum + at(name, row), 0));
    return { ...frame, fields: [...frame.fields, made(sums)] };
  }
  if (options.mode === 'binary') {
    const { left, operator, right } = options.binary;
    const values = rows.map((row) =>
      operator === '/' ? at(left, row) / at(right, row) : at(left, row) * at(right, row),
    );
    return { ...frame, fields: [...frame.fields, made(values)] };
  }
  let sum = 0;
  const sums = rows.map((row) => (sum += at(options.cumulative.field, row)));
  const times = frame.fields.filter(({ type }) => type === 'time');
  return { ...frame, fields: [...times, made(sums)] };
}

function organized(frame: Frame, options: z.output<typeof organize>): Frame {
  for (const name of Object.keys(options.indexByName)) fieldIn(frame, name);
  const place = ({ name }: Field) => options.indexByName[name] ?? Infinity;
  const fields = frame.fields
    .filter(({ name }) => options.excludeByName[name] !== true)
    .toSorted((a, b) => (place(a) < place(b) ? -1 : Number(place(a) > place(b))));
  return { ...frame, fields };
}

function groupedBy(frame: Frame, { fields: settings }: z.output<typeof groupBy>): Frame {
  const named = Object.entries(settings);
  const by = named.filter(([, { operation }]) => operation === 'groupby');
  const keys = by.map(([name]) => fieldIn(frame, name));
  const length = keys[0]?.values.length ?? 0;
  const groups = new Map<string, number[]>();
  for (let row = 0; row < length; row += 1) {
    const key = JSON.stringify(keys.map(({ values }) => values[row]));
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const rows = [...groups.values()];
  const fields = named.flatMap(([name, { operation, aggregations }]): readonly Field[] => {
    const field = fieldIn(frame, name);
    if (operation === 'groupby') {
      return [{ ...field, values: rows.map(([first = 0]) => field.values[first] ?? null) }];
    }
    const sumOf = (group: readonly number[]) =>
      group.reduce((sum, row) => sum + Number(field.values[row]), 0);
    return aggregations.map((how) => ({
      ...field,
      name: `${name} (${how})`,
      values: rows.map(sumOf),
    }));
  });
  return { ...frame, fields };
}

function filtered(frame: Frame, { filters }: z.output<typeof filterByValue>): Frame {
  return filters.reduce((so, { fieldName, config }) => {
    const { values } = fieldIn(so, fieldName);
    const least = config.id === 'greater' ? config.options.value : -Infinity;
    const kept = values.flatMap((value, row) =>
      value !== null && Number(value) > least ? [row] : [],
    );
    return picked(so, kept);
  }, frame);
}

/** Rows without a value come last, as in Grafana. */
function sorted(frame: Frame, { sort: [{ field }] }: z.output<typeof sortBy>): Frame {
  const { values } = fieldIn(frame, field);
  const of = (row: number) => Number(values[row] ?? -Infinity);
  return picked(
    frame,
    [...values.keys()].toSorted((a, b) => of(b) - of(a)),
  );
}

function picked(frame: Frame, rows: readonly number[]): Frame {
  const fields = frame.fields.map((field) => ({
    ...field,
    values: rows.map((row) => field.values[row] ?? null),
  }));
  return { ...frame, fields };
}

/** The field of that name; throws where there is none. */
export function fieldIn({ fields }: Frame, name: string): Field {
  const field = fields.find((one) => one.name === name);
  if (field !== undefined) return field;
  const known = fields.map((one) => one.name).join(', ');
  throw new Error(`no field ${name}; there are ${known}`);
}
