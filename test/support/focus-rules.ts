import { readFileSync } from 'node:fs';
import { exactOf } from '../../agent/core/decimal-sum.ts';
import type { FileRow } from './focus-world.ts';

/** A requirement or a condition: a check function with its arguments. */
interface Check {
  readonly CheckFunction: string;
  readonly Items?: readonly Check[];
  readonly ModelRuleId?: string;
  readonly ColumnName?: string;
  readonly ColumnAName?: string;
  readonly ColumnBName?: string;
  readonly ResultColumnName?: string;
  readonly ExpectedCount?: number;
  readonly Value?: string | number | null;
}

interface Rule {
  readonly id: string;
  readonly reference: string;
  readonly applies: readonly string[];
  readonly keyword: string;
  readonly says: string;
  readonly requirement: Check;
  readonly condition?: Check;
}

/** What holds of who sells models by the token, in regions, at list prices and negotiated ones. */
export const applicable: readonly string[] = [
  'MULTIPLE_PRICING_CATEGORIES_SUPPORTED',
  'NEGOTIATED_PRICING_SUPPORTED',
  'PUBLIC_PRICE_LIST_SUPPORTED',
  'USAGE_MEASUREMENT_SUPPORTED',
  'UNIT_PRICING_SUPPORTED',
  'SUB_ACCOUNT_SUPPORTED',
  'BILLING_BASED_ON_PROVISIONED_RESOURCES_SUPPORTED',
  'RESOURCE_TYPE_ASSIGNMENT_SUPPORTED',
  'REGION_SUPPORTED',
  'TAGGING_SUPPORTED',
];

const file = new URL('../fixtures/focus/model-1.2.jsonl', import.meta.url);

export function focusRules(): readonly Rule[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Rule);
}

const currencies = new Set(Intl.supportedValuesOf('currency'));
const numeric = /^-?(?:\d+(?:\.\d+)?|\.\d+)(?:E-?\d+)?$/;
const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const unit = /^(?:\d+ )?[A-Z][A-Za-z]*(?:[ -][A-Z][A-Za-z]*)*(?:\/[A-Z][a-z]+)?$/;

interface Failure {
  readonly id: string;
  readonly says: string;
  readonly row: FileRow | undefined;
}

/** Which rules the rows break, and which of them were looked at. Rules that MAY be broken are none. */
export function checkRules(
  rules: readonly Rule[],
  rows: readonly FileRow[],
): { readonly failures: readonly Failure[]; readonly checked: ReadonlySet<string> } {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const columns = new Set(Object.keys(rows[0] ?? {}));
  const failures = new Map<string, Failure>();
  const checked = new Set<string>();

  /** Follows what a rule is made of; every row must keep it for which all conditions on the way hold. */
  function follow(rule: Rule, conditions: readonly Check[]): void {
    if (!rule.applies.every((one) => applicable.includes(one)) || isFree(rule)) return;
    const met = rule.condition === undefined ? conditions : [...conditions, rule.condition];
    if (rule.requirement.CheckFunction === 'AND') {
      for (const item of rule.requirement.Items ?? []) {
        const inner = item.ModelRuleId === undefined ? undefined : byId.get(item.ModelRuleId);
        if (inner !== undefined) follow(inner, met);
        else if (item.ModelRuleId === undefined) test(rule, item, met);
      }
    } else {
      test(rule, rule.requirement, met);
    }
  }

  function test(rule: Rule, check: Check, conditions: readonly Check[]): void {
    checked.add(rule.id);
    const whole = ofAllRows(check);
    if (whole !== undefined) {
      if (!whole) failures.set(rule.id, { id: rule.id, says: rule.says, row: undefined });
      return;
    }
    const row = rows.find(
      (one) => conditions.every((condition) => holds(condition, one)) && !holds(check, one),
    );
    if (row !== undefined) failures.set(rule.id, { id: rule.id, says: rule.says, row });
  }

  function ofAllRows(check: Check): boolean | undefined {
    const { ColumnName = '', ColumnAName = '', ColumnBName = '' } = check;
    if (check.CheckFunction === 'ColumnPresent') return columns.has(ColumnName);
    if (check.CheckFunction !== 'CheckDistinctCount') return undefined;
    const found = new Map<string, Set<string | null>>();
    for (const row of rows) {
      const name = row[ColumnAName] ?? null;
      if (name === null) continue;
      found.set(name, (found.get(name) ?? new Set()).add(row[ColumnBName] ?? null));
    }
    return [...found.values()].every(({ size }) => size === check.ExpectedCount);
  }

  function holds(check: Check, row: FileRow): boolean {
    const cell = row[check.ColumnName ?? ''] ?? null;
    const a = row[check.ColumnAName ?? ''] ?? null;
    const b = row[check.ColumnBName ?? ''] ?? null;
    const told = (is: (text: string) => boolean) => cell === null || is(cell);
    switch (check.CheckFunction) {
      case 'AND':
        return (check.Items ?? []).every((item) => holds(item, row));
      case 'OR':
        return (check.Items ?? []).some((item) => holds(item, row));
      case 'CheckModelRule': {
        const inner = byId.get(check.ModelRuleId ?? '');
        if (inner === undefined || isFree(inner)) return true;
        const applies = inner.condition === undefined || holds(inner.condition, row);
        return !applies || holds(inner.requirement, row);
      }
      case 'CheckValue':
        return isSame(cell, check.Value ?? null);
      case 'CheckNotValue':
        return !isSame(cell, check.Value ?? null);
      case 'CheckSameValue':
        return a === b;
      case 'CheckNotSameValue':
        return a !== b;
      case 'CheckGreaterOrEqualThanValue':
        return told((text) => Number(text) >= Number(check.Value));
      case 'ColumnByColumnEqualsColumnValue':
        return isProduct(a, b, row[check.ResultColumnName ?? ''] ?? null);
      case 'CheckDecimalValue':
      case 'TypeDecimal':
      case 'FormatNumeric':
        return told((text) => numeric.test(text));
      case 'TypeDateTime':
      case 'FormatDateTime':
        return told((text) => dateTime.test(text) && !Number.isNaN(Date.parse(text)));
      case 'TypeString':
      case 'FormatString':
        return told((text) => text.trim() !== '');
      case 'FormatUnit':
        return told((text) => unit.test(text));
      case 'FormatCurrency':
      case 'CheckNationalCurrency':
        return told((text) => currencies.has(text));
      case 'FormatKeyValue':
        return told(isKeyValue);
      default:
        throw new Error(`no such check function: ${check.CheckFunction}`);
    }
  }

  for (const rule of rules) {
    const isRoot = /^[A-Za-z]+-[CD]-000-/.test(rule.id) || rule.id.startsWith('CostAndUsage-D-');
    if (isRoot) follow(rule, []);
  }
  return { failures: [...failures.values()], checked };
}

function isFree({ keyword }: Rule): boolean {
  return keyword === 'MAY' || keyword === 'OPTIONAL';
}

function isSame(cell: string | null, value: string | number | null): boolean {
  return typeof value === 'number' ? cell !== null && Number(cell) === value : cell === value;
}

/** To the last digit; whatever is null has no product to hold against. */
export function isProduct(a: string | null, b: string | null, result: string | null): boolean {
  if (a === null || b === null || result === null) return true;
  const [x, y, product] = [exactOf(a), exactOf(b), exactOf(result)];
  if (x === undefined || y === undefined || product === undefined) return false;
  const scale = x.scale + y.scale;
  const shift = 10n ** BigInt(Math.abs(scale - product.scale));
  return scale > product.scale
    ? x.digits * y.digits === product.digits * shift
    : x.digits * y.digits * shift === product.digits;
}

/** A JSON object of plain values. */
function isKeyValue(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    return Object.values(value).every((one) => typeof one !== 'object' || one === null);
  } catch {
    return false;
  }
}
