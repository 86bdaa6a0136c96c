import Table from 'cli-table3';
import { formatDuration } from '../config/durations.ts';
import { isoUtc } from '../core/time.ts';
import type { Instant, Window } from '../core/time.ts';

/** Numbers stand right, words left. */
export interface TableColumn {
  readonly head: string;
  readonly align: 'left' | 'right';
}

/**
 * A table without borders: heads, a rule, rows, and where a foot is given another rule and the foot. No line ends in
 * spaces.
 */
export function formatTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  foot?: readonly string[],
): string {
  const lines = [columns.map(({ head }) => head), ...rows, ...(foot === undefined ? [] : [foot])];
  const widths = columns.map((_, index) =>
    Math.max(...lines.map((line) => textWidth(line[index] ?? ''))),
  );
  const rule = widths.map((width) => '─'.repeat(width));
  const table = new Table({
    chars: bare,
    colAligns: columns.map(({ align }) => align),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  const [head = [], ...body] = lines;
  table.push([...head], rule, ...body.slice(0, rows.length).map((line) => [...line]));
  if (foot !== undefined) table.push(rule, [...foot]);
  return table.toString().replaceAll(/ +$/gm, '');
}

/** Columns a text takes in a terminal, as far as it is made of narrow characters. */
export function textWidth(text: string): number {
  return Array.from(text).length;
}

/** Cuts the middle out of what is too long: names that start alike end differently. */
export function shorten(text: string, width: number): string {
  const characters = Array.from(text);
  if (characters.length <= width) return text;
  const head = Math.ceil((width - 1) / 2);
  return [
    ...characters.slice(0, head),
    '…',
    ...characters.slice(characters.length - (width - 1 - head)),
  ].join('');
}

/** Breaks a text at spaces into lines of at most `width`, as far as its words allow. */
export function wrap(text: string, width: number): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || textWidth(last) + 1 + textWidth(word) > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join('\n');
}

/** Words from outside cannot move the cursor or colour the screen. */
export function plainText(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '\u{FFFD}');
}

/** `1,234,567`; `–` for what is not known. */
export function formatCount(count: number | null): string {
  return count === null ? '–' : count.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** `1,234.56`, and `0.0012` below a cent; `–` for what is not known. */
export function formatUsd(usd: number | null): string {
  if (usd === null) return '–';
  const digits = usd !== 0 && Math.abs(usd) < 0.01 ? 4 : 2;
  return usd.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** `97.2 %`, rounded down: what is not all is never called all. `–` for what is not known. */
export function formatShare(share: number | null): string {
  return share === null ? '–' : `${Math.floor(share * 1_000 + 1e-9) / 10} %`;
}

/** `2026-11-23 12:00` */
export function formatInstant(instant: Instant): string {
  return isoUtc(instant).slice(0, 16).replace('T', ' ');
}

/** `2026-11-22 12:00 – 2026-11-23 12:00 UTC` */
export function formatWindow({ start, end }: Window): string {
  return `${formatInstant(start)} – ${formatInstant(end)} UTC`;
}

/** `31d` where {@link formatDuration} has `4w3d`: people count history in days. */
export function formatAge(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const rest = seconds - days * 86_400;
  if (days === 0) return formatDuration(seconds);
  return rest === 0 ? `${days}d` : `${days}d${formatDuration(rest)}`;
}

/** A CSV document as RFC 4180 says it, with a header; null is an empty field. https://www.rfc-editor.org/rfc/rfc4180 */
export function formatCsv(
  columns: readonly string[],
  rows: readonly Readonly<Record<string, string | number | null>>[],
): string {
  const lines = [columns, ...rows.map((row) => columns.map((name) => row[name] ?? ''))];
  return lines.map((line) => `${line.map(csvField).join(',')}\r\n`).join('');
}

/** A JSON array, a row a line. */
export function formatJson(rows: readonly object[]): string {
  if (rows.length === 0) return '[]\n';
  return `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`;
}

function csvField(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const bare = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};
