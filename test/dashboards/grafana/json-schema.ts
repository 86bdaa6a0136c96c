/** A JSON Schema, as far as the fixtures use the language (draft 7). */
export interface JsonSchema {
  readonly $ref?: string;
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
}

const understood: ReadonlySet<string> = new Set(
  (
    '$ref definitions type properties required additionalProperties items enum const anyOf oneOf allOf minimum ' +
    'exclusiveMinimum maximum exclusiveMaximum minLength maxLength minItems maxItems pattern'
  ).split(' '),
);

/** What is wrong with a value, each with its place; throws at a word of the language that it does not know. */
export function faultsOf(
  value: unknown,
  schema: JsonSchema,
  root: JsonSchema = schema,
  path = '$',
): readonly string[] {
  const unknown = Object.keys(schema).filter((word) => !understood.has(word));
  if (unknown.length > 0) throw new Error(`a schema says ${unknown.join(', ')}, unknown here`);
  const check = (part: JsonSchema, at = path, of = value) => faultsOf(of, part, root, at);
  const faults: string[] = [];
  const say = (fault: string) => void faults.push(`${path}: ${fault}`);
  if (schema.$ref !== undefined) {
    const name = schema.$ref.replace('#/definitions/', '');
    const target = root.definitions?.[name];
    if (target === undefined) throw new Error(`no definition ${schema.$ref}`);
    faults.push(...check(target));
  }
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (types.length > 0 && !types.some((type) => isOf(type, value))) say(`no ${types.join(', ')}`);
  if (schema.enum !== undefined && !schema.enum.includes(value))
    say(`${String(value)} is no value`);
  if ('const' in schema && schema.const !== value) say(`not ${String(schema.const)}`);
  for (const part of schema.allOf ?? []) faults.push(...check(part));
  if (schema.anyOf !== undefined && !schema.anyOf.some((part) => check(part).length === 0)) {
    say('fits none of anyOf');
  }
  const fitting = schema.oneOf?.filter((part) => check(part).length === 0).length ?? 1;
  if (fitting !== 1) say(`fits ${fitting} of oneOf`);
  if (typeof value === 'number') {
    if (value < (schema.minimum ?? -Infinity)) say('too small');
    if (value <= (schema.exclusiveMinimum ?? -Infinity)) say('too small');
    if (value > (schema.maximum ?? Infinity)) say('too large');
    if (value >= (schema.exclusiveMaximum ?? Infinity)) say('too large');
  }
  if (typeof value === 'string') {
    if (value.length < (schema.minLength ?? 0)) say('too short');
    if (value.length > (schema.maxLength ?? Infinity)) say('too long');
    if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(value)) say('no match');
  }
  if (Array.isArray(value)) {
    if (value.length < (schema.minItems ?? 0)) say('too few');
    if (value.length > (schema.maxItems ?? Infinity)) say('too many');
    const { items } = schema;
    if (items !== undefined) {
      value.forEach((item, index) => faults.push(...check(items, `${path}[${index}]`, item)));
    }
  } else if (typeof value === 'object' && value !== null) {
    const { properties = {}, additionalProperties = true } = schema;
    for (const name of schema.required ?? []) if (!(name in value)) say(`${name} is missing`);
    for (const [name, item] of Object.entries(value)) {
      const known = properties[name];
      if (known !== undefined) faults.push(...check(known, `${path}.${name}`, item));
      else if (additionalProperties === false) say(`${name} is unknown`);
      else if (additionalProperties !== true) {
        faults.push(...check(additionalProperties, `${path}.${name}`, item));
      }
    }
  }
  return faults;
}

function isOf(type: string, value: unknown): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object')
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}
