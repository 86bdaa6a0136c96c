import type { ExplainedCommand, ExplainedReading, Explanation } from '../query/explanation.ts';
import { formatInstant, plainText, wrap } from './format.ts';

const roles: Readonly<Record<ExplainedReading['role'], string>> = {
  counted: 'counted',
  elsewhere: 'counted in another figure',
  told_apart: 'not counted: finer series tell it apart',
  repeated: 'not counted: another meter says the same',
  silent: 'silent',
};

/** Every series that said something, and in one line those that did not. */
export function readingsText({ readings }: Explanation, width: number): string {
  const said = readings.filter(({ role }) => role !== 'silent');
  const silent = readings.filter(({ role }) => role === 'silent');
  const lines = said.map((reading) => readingText(reading, width));
  if (silent.length > 0) {
    const names = silent.map(({ id, metric }) => `${id} ${metric}`).join(', ');
    lines.push(indented(`silent: ${names}`, width, 2));
  }
  return lines.length === 0 ? '  none: they are given up' : lines.join('\n');
}

function readingText(reading: ExplainedReading, width: number): string {
  const { id, namespace, metric, dimensions, role, read, period_seconds: period } = reading;
  const pairs = Object.entries(dimensions).map(([name, value]) => `${name}=${value}`);
  return [
    indented(`${id}  ${namespace} ${metric} {${pairs.join(', ')}}`, width, 2),
    indented(`${valuesText(reading)}; period ${period} s; ${roles[role]}`, width, 6),
    indented(readText(read), width, 6),
  ].join('\n');
}

function valuesText({ points }: ExplainedReading): string {
  const [only] = points;
  if (only === undefined) return 'no value';
  const vanished = points.filter((point) => point.vanished_at !== null).length;
  const gone = vanished === 0 ? '' : `; ${vanished} of them not told by a later read, and kept`;
  if (points.length === 1) {
    const values = Object.entries(only.values).map(([name, value]) => `${name} ${number(value)}`);
    return `${values.join(', ')}${gone}`;
  }
  const sum = points.reduce((all, { values }) => all + (values['sum'] ?? 0), 0);
  const most = Math.max(...points.map(({ values }) => values['max'] ?? Number.NaN));
  const largest = Number.isNaN(most) ? '' : `, max ${number(most)}`;
  return `sum ${number(sum)}${largest} in ${points.length} points${gone}`;
}

function readText(read: ExplainedReading['read']): string {
  if (read === null) return 'not read at this period';
  const settled = read.settled ? 'settled' : 'provisional';
  const span = `${formatInstant(Date.parse(read.from))} – ${formatInstant(Date.parse(read.to))}`;
  return `${settled}, read whole within ${span}, last at ${read.last_read_at.slice(0, 19)}Z`;
}

/** One option a line, and of a list of questions one a line, so that a person can read it and a shell can run it. */
export function commandText({ reads, note, words }: ExplainedCommand): string {
  const lines = words.map((word, index) => {
    const parts = plainText(word).replaceAll(',{"Id":', ',\n      {"Id":');
    return `${index === 0 ? '  ' : '    '}${parts}`;
  });
  return `  # ${plainText(note)}: ${reads.join(' ')}\n${lines.join(' \\\n')}`;
}

function indented(text: string, width: number, by: number): string {
  return wrap(plainText(text), width - by - 2)
    .split('\n')
    .map((line, index) => `${' '.repeat(index === 0 ? by : by + 2)}${line}`)
    .join('\n');
}

function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 3 });
}
