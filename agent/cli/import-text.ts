import type { BillLine } from '../core/bill.ts';
import type { BillFile, ImportedBills, ImportedStatement, LeftOutRows } from '../core/bill-file.ts';
import { sumOfDecimals } from '../core/decimal-sum.ts';
import { dayMs, isoUtc } from '../core/time.ts';
import type { Instant } from '../core/time.ts';
import { formatCount, formatTable, plainText } from './format.ts';
import type { TableColumn } from './format.ts';
import { grouped } from './grouped.ts';

interface Sum {
  readonly recordType: string;
  readonly currency: string;
  readonly lines: number;
  readonly cost: string;
  /** Null where a line of it does not tell it. */
  readonly amortizedCost: string | null;
}

const namesShown = 8;
const titles = { aws_cur: 'AWS CUR 2.0', focus: 'FOCUS' } as const;
const containers = { csv: 'CSV', 'csv.gz': 'CSV.gz', parquet: 'Parquet' } as const;

/** What came in, for a person. */
export function importText(
  bills: ImportedBills,
  written: readonly ImportedStatement[],
  { dryRun }: { readonly dryRun?: boolean },
): string {
  const { files, statements, read, kept, leftOut } = bills;
  const lines = files.map(fileText);
  lines.push(`${count(read, 'row')} read, ${count(kept, 'row')} of models`);
  for (const reason of ['other_service', 'other_provider'] as const) {
    const of = leftOut.filter((one) => one.reason === reason);
    if (of.length > 0) lines.push(leftOutText(reason, of));
  }
  for (const one of statements) lines.push('', ...statementText(one));
  const end =
    dryRun === true
      ? 'nothing was written, as --dry-run asks for'
      : `${count(written.length, 'billing period')} written`;
  return `${[...lines, '', end].join('\n')}\n`;
}

/** One document; dates are UTC days, `to` is the day after the last one. */
export function importJson(bills: ImportedBills, written: readonly ImportedStatement[]): string {
  const document = {
    files: bills.files,
    rows: bills.read,
    kept: bills.kept,
    left_out: bills.leftOut,
    statements: bills.statements.map((one) => ({
      source: one.statement.source,
      cloud: one.statement.cloud,
      scope: one.statement.scope,
      period_from: day(one.period.start),
      period_to: day(one.period.end),
      from: day(one.statement.days.start),
      to: day(one.statement.days.end),
      final: isFinal(one),
      last_charge: one.lastCharge === null ? null : isoUtc(one.lastCharge),
      rows: one.rows,
      moved: one.moved,
      lines: one.statement.lines.length,
      not_of_a_model: Object.fromEntries(meaningless(one.statement.lines)),
      sums: sumsOf(one.statement.lines).map((sum) => ({
        record_type: sum.recordType,
        currency: sum.currency,
        lines: sum.lines,
        cost: sum.cost,
        amortized_cost: sum.amortizedCost,
      })),
      written: written.includes(one),
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function fileText({ path, format, container, rows }: BillFile): string {
  return `${plainText(path)}: ${titles[format]} as ${containers[container]}, ${count(rows, 'row')}`;
}

function leftOutText(reason: LeftOutRows['reason'], of: readonly LeftOutRows[]): string {
  const total = of.reduce((sum, { rows }) => sum + rows, 0);
  const names = of
    .slice(0, namesShown)
    .map(({ name, rows }) => `${plainText(name) || 'without a name'} ${formatCount(rows)}`);
  const rest = of.length > namesShown ? `, and ${of.length - namesShown} more` : '';
  const what = reason === 'other_service' ? 'other services' : 'other providers';
  return `left out: ${count(total, 'row')} of ${what} (${names.join(', ')}${rest})`;
}

function statementText(one: ImportedStatement): readonly string[] {
  const { statement, rows, moved, lastCharge, period } = one;
  const { cloud, scope, days, lines } = statement;
  const span = `${day(days.start)} – ${day(days.end - dayMs)}`;
  const state = isFinal(one) ? 'invoiced' : 'may still change';
  const head = `${cloud} ${plainText(scope)}, ${span}: ${count(lines.length, 'line')} from ${count(rows, 'row')}, ${state}`;
  const notes: string[] = [];
  if (days.end < period.end) {
    notes.push(
      `the period goes on to ${day(period.end - dayMs)}; days after the last charge are not billed yet`,
    );
  } else if (lastCharge !== null && lastCharge < period.end - dayMs) {
    notes.push(
      `the last charge of any service is of ${day(lastCharge)}; the days after it count as billed nothing`,
    );
  }
  if (moved > 0) notes.push(`${count(moved, 'row')} of another period on its first day`);
  const unknown = meaningless(lines);
  if (unknown.length > 0) {
    const reasons = unknown.map(([reason, number]) => `${reason} ${number}`).join(', ');
    notes.push(`lines that no model's meter explains: ${reasons}`);
  }
  const table =
    lines.length === 0 ? [] : formatTable(columns, sumsOf(lines).map(cells)).split('\n');
  return [head, ...[...notes, ...table].map((line) => `  ${line}`)];
}

const columns: readonly TableColumn[] = [
  { head: 'record type', align: 'left' },
  { head: 'lines', align: 'right' },
  { head: 'cost', align: 'right' },
  { head: 'amortized', align: 'right' },
  { head: 'currency', align: 'left' },
];

function cells({ recordType, lines, cost, amortizedCost, currency }: Sum): readonly string[] {
  return [recordType, formatCount(lines), cost, amortizedCost ?? '–', currency];
}

function sumsOf(lines: readonly BillLine[]): readonly Sum[] {
  const groups = grouped(lines, ({ recordType, currency }) => `${recordType} ${currency}`);
  return Array.from(groups.values(), (of) => {
    const [{ recordType, currency }] = of;
    const amortized = of.flatMap((line) => line.amortizedCost ?? []);
    return {
      recordType,
      currency,
      lines: of.length,
      cost: sumOfDecimals(of.map(({ cost }) => cost)) ?? '–',
      amortizedCost: amortized.length < of.length ? null : (sumOfDecimals(amortized) ?? null),
    };
  }).toSorted((a, b) => b.lines - a.lines || a.recordType.localeCompare(b.recordType, 'en'));
}

/** Lines whose meter is none of a model, by reason; most first. */
function meaningless(lines: readonly BillLine[]): readonly (readonly [string, number])[] {
  const reasons = new Map<string, number>();
  for (const { meaning } of lines) {
    if (typeof meaning === 'string') reasons.set(meaning, (reasons.get(meaning) ?? 0) + 1);
  }
  return [...reasons].toSorted(([a, m], [b, n]) => n - m || a.localeCompare(b, 'en'));
}

function isFinal({ statement }: ImportedStatement): boolean {
  return statement.finalUntil >= statement.days.end;
}

function day(instant: Instant): string {
  return isoUtc(instant).slice(0, 10);
}

function count(number: number, noun: string): string {
  return `${formatCount(number)} ${noun}${number === 1 ? '' : 's'}`;
}
