import { columnOf } from '../core/dimension.ts';
import type { Instant } from '../core/time.ts';
import { dayMs, minuteMs } from '../core/time.ts';
import type { Selection } from '../query/groups.ts';
import type { UsageRow } from '../query/usage.ts';
import { formatCount, formatInstant, formatShare, formatUsd, formatWindow } from './format.ts';
import { formatTable, plainText, shorten, textWidth, wrap } from './format.ts';

export interface ReportContent {
  readonly selection: Selection;
  readonly rows: readonly UsageRow[];
  /** The one row of the whole range. */
  readonly total: UsageRow | undefined;
  /** The end of the newest span that was looked at. */
  readonly newest: Instant | null;
  /** Of the total's cost, capacity that nobody used; null where none is known. */
  readonly idleUsd: number | null;
  readonly now: Instant;
}

interface Column {
  readonly head: string;
  readonly read: (row: UsageRow) => string;
}

interface Figure extends Column {
  /** What is left out first when there is no room: the highest. */
  readonly rank: number;
  readonly known: (row: UsageRow) => boolean;
}

/** In the order of the table. */
const figures: readonly Figure[] = [
  count('INPUT', 2, (row) => row.input_tokens),
  count('CACHE READ', 4, (row) => row.cache_read_tokens),
  count('CACHE WRITE', 7, (row) => row.cache_write_tokens),
  count('OUTPUT', 3, (row) => row.output_tokens),
  count('UNSPLIT INPUT', 6, (row) => row.unsplit_input_tokens),
  count('ALL TOKENS', 0, allTokens),
  count('REQUESTS', 5, (row) => row.requests),
  count('ERRORS', 9, (row) => row.errors),
  count('THROTTLED', 8, (row) => row.throttles),
  {
    head: 'COST USD',
    rank: 1,
    read: (row) => formatUsd(row.cost_usd),
    known: (row) => row.cost_usd !== null,
  },
];

/** Room that is kept for figures however long the names are: for three of them, for two beside many names. */
const figuresWidth = { few: 40, many: 28 };
const leastNameWidth = 8;
const gap = 2;

/** Usage for people, in at most `width` columns: what is empty or has no room is named below the table. */
export function reportTable(content: ReportContent, width: number): string {
  const { rows, total, selection } = content;
  const range = `${formatWindow({ start: selection.from, end: selection.to })}${groupedBy(selection)}`;
  const head = `${wrap(range, width)}\n`;
  const known = figures.filter(({ known: tells }) => rows.some(tells));
  if (known.length === 0 || total === undefined) {
    return `${head}\nNothing is known in this range: no source was read there yet.\n`;
  }
  const columnsOfNames = nameColumns(content);
  const kept = columnsOfNames.length > 2 ? figuresWidth.many : figuresWidth.few;
  const names = fitNames(columnsOfNames, rows, width - kept);
  const taken = names.reduce((sum, { width: own }) => sum + own + gap, 0);
  const shown = fitFigures(known, [...rows, total], width - taken);
  const columns = [
    ...names.map(({ head: name }) => ({ head: name, align: 'left' as const })),
    ...shown.map(({ head: name }) => ({ head: name, align: 'right' as const })),
  ];
  const lines = sorted(content).map((row) => [
    ...names.map(({ read, width: own }) => shorten(read(row), own)),
    ...shown.map(({ read }) => read(row)),
  ]);
  const foot = [
    ...names.map((_, index) => (index === 0 ? 'Total' : '')),
    ...shown.map(({ read }) => read(total)),
  ];
  const table = formatTable(columns, lines, names.length === 0 ? undefined : foot);
  const without = known.filter((figure) => !shown.includes(figure));
  const notes = remarks(content, total, without).map((note) => `${wrap(note, width)}\n`);
  return `${head}\n${table}\n\n${notes.join('')}`;
}

function nameColumns({ selection, rows }: ReportContent): readonly Column[] {
  const dimensions = selection.groupBy.map((dimension) => {
    const column = columnOf(dimension);
    return {
      head: plainText(dimension).toUpperCase(),
      read: (row: UsageRow) => plainText(String(row[column] ?? '')) || '(none)',
    };
  });
  if (selection.stepMs === 'total') return dimensions;
  const days = rows.every(({ time }) => Date.parse(time) % dayMs === 0);
  const time = (row: UsageRow) =>
    days ? row.time.slice(0, 10) : formatInstant(Date.parse(row.time));
  return [{ head: 'TIME (UTC)', read: time }, ...dimensions];
}

/** As wide as their texts, the widest cut until all of them fit. */
function fitNames(columns: readonly Column[], rows: readonly UsageRow[], room: number) {
  const fitted = columns.map((column) => ({
    ...column,
    width: Math.max(
      textWidth(column.head),
      'Total'.length,
      ...rows.map((row) => textWidth(column.read(row))),
    ),
    least: Math.max(textWidth(column.head), leastNameWidth),
  }));
  for (;;) {
    const taken = fitted.reduce((sum, { width }) => sum + width + gap, 0);
    const cuttable = fitted.filter(({ width, least }) => width > least);
    const widest = cuttable.toSorted((a, b) => b.width - a.width)[0];
    if (taken <= room || widest === undefined) return fitted;
    widest.width -= 1;
  }
}

/** The most important figures that have room, in the order of the table. */
function fitFigures(
  known: readonly Figure[],
  rows: readonly UsageRow[],
  room: number,
): readonly Figure[] {
  const fitting = new Set<Figure>();
  let left = room + gap;
  for (const figure of known.toSorted((a, b) => a.rank - b.rank)) {
    const texts = [figure.head, ...rows.map((row) => figure.read(row))];
    left -= Math.max(...texts.map((text) => textWidth(text))) + gap;
    if (left < 0) break;
    fitting.add(figure);
  }
  return known.filter((figure) => fitting.has(figure));
}

/** Over the whole range the largest first; else as time goes. */
function sorted({ rows, selection }: ReportContent): readonly UsageRow[] {
  if (selection.stepMs !== 'total') return rows;
  return rows.toSorted(
    (a, b) =>
      (b.cost_usd ?? -1) - (a.cost_usd ?? -1) || (allTokens(b) ?? -1) - (allTokens(a) ?? -1),
  );
}

function remarks(
  content: ReportContent,
  total: UsageRow,
  without: readonly Figure[],
): readonly string[] {
  const lines = [freshness(content, total)];
  const { unpriced_tokens: unpriced } = total;
  if (unpriced !== null && unpriced > 0) {
    const all = unpriced === allTokens(total);
    lines.push(all ? 'None of it has a price.' : `${formatCount(unpriced)} tokens have no price.`);
  }
  const estimate = estimateSaid(total);
  if (estimate !== undefined) lines.push(estimate);
  const { idleUsd } = content;
  if (idleUsd !== null && idleUsd > 0) {
    lines.push(`Of the cost, capacity nobody used: ${formatUsd(idleUsd)} USD (list price).`);
  }
  if (without.length > 0) {
    const heads = without.map(({ head }) => head.toLowerCase()).join(', ');
    lines.push(`No room here for ${heads}: a wider terminal, --json or --csv has them.`);
  }
  return lines;
}

/** What is known of a cost only between bounds; undefined where it is exact. */
function estimateSaid({
  cost_low_usd: low,
  cost_high_usd: high,
  cost_method: method,
}: UsageRow): string | undefined {
  if (low === null || high === null || low === high) return undefined;
  const how =
    method === 'calibrated'
      ? 'estimated by what final bills taught'
      : method === 'range'
        ? 'by the usual rates, for bills taught nothing of it'
        : 'estimated in several ways, which cost_method tells apart with --json';
  return `The cost lies between ${formatUsd(low)} and ${formatUsd(high)} USD: ${how}.`;
}

function freshness({ newest, now }: ReportContent, { settled }: UsageRow): string {
  if (newest === null) return 'Nothing in this range was looked at yet.';
  const minutes = Math.max(0, Math.floor((now - newest) / minuteMs));
  const age = minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
  const rest = settled === 1 ? '' : ', the rest is not read yet or may still change';
  return `Settled ${formatShare(settled)}${rest}. Newest data ${formatInstant(newest)} UTC, ${age} ago.`;
}

function groupedBy({ groupBy, stepMs }: Selection): string {
  const words = stepMs === 'total' ? groupBy : ['time', ...groupBy];
  return words.length === 0 ? '' : `, by ${words.map(plainText).join(', ')}`;
}

/** All five token types; null where none is known. */
function allTokens(row: UsageRow): number | null {
  const known = [
    row.input_tokens,
    row.cache_read_tokens,
    row.cache_write_tokens,
    row.output_tokens,
    row.unsplit_input_tokens,
  ].filter((tokens) => tokens !== null);
  return known.length === 0 ? null : known.reduce((sum, tokens) => sum + tokens, 0);
}

function count(head: string, rank: number, value: (row: UsageRow) => number | null): Figure {
  return {
    head,
    rank,
    read: (row) => formatCount(value(row)),
    known: (row) => value(row) !== null,
  };
}
