import { suggestion } from '../config/nearest.ts';
import { columnOf, dimensionNames } from '../core/dimension.ts';
import type { Dimension } from '../core/dimension.ts';
import type { UsageReader } from '../core/store.ts';
import type { Instant } from '../core/time.ts';
import { dayMs, isoUtc } from '../core/time.ts';
import { parseDimension } from '../query/dimensions.ts';
import type { TeamRule } from '../query/dimensions.ts';
import type { Selection } from '../query/groups.ts';
import { parseStep, stepName, stepNames } from '../query/step.ts';
import type { Step } from '../query/step.ts';
import { queryUsage, usageColumns } from '../query/usage.ts';
import { formatCsv, formatJson } from './format.ts';
import type { Terminal } from './platform.ts';
import { reportTable } from './report-table.ts';
import { parseWhen } from './when.ts';
import { WrongUseError } from './wrong-use.ts';

/** What was asked for, as it was typed. */
export interface ReportRequest {
  readonly from?: string;
  readonly to?: string;
  /** Comma-separated. */
  readonly by?: string;
  readonly step?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
}

export interface ReportDeps {
  readonly reader: UsageReader;
  readonly teams: readonly TeamRule[];
  readonly now: Instant;
  readonly demo: boolean;
  readonly out: Terminal;
  readonly err: Terminal;
}

const demoBanner =
  'DEMO  A recorded production hour, replayed by built-in clouds: not your usage.\n';

/**
 * Writes the usage of a range: a table for people, or with `json` and `csv` the rows of the API.
 * Throws a WrongUseError, or a TooManyRowsError.
 */
export async function report(request: ReportRequest, deps: ReportDeps): Promise<void> {
  const { reader, out, err } = deps;
  const selection = selectionOf(request, deps);
  const { rows, newest } = await queryUsage(reader, selection);
  const forPrograms = request.json === true || request.csv === true;
  if (deps.demo) (forPrograms ? err : out).write(demoBanner);
  if (request.json === true) {
    out.write(formatJson(rows));
  } else if (request.csv === true) {
    out.write(formatCsv(['time', ...selection.groupBy.map(columnOf), ...usageColumns], rows));
  } else {
    const all = await queryUsage(reader, { ...selection, groupBy: [], stepMs: 'total' });
    const width = out.isTerminal ? out.columns : Number.POSITIVE_INFINITY;
    const [total] = all.rows;
    const { idleUsd } = all;
    out.write(reportTable({ selection, rows, total, newest, idleUsd, now: deps.now }, width));
  }
}

function selectionOf(request: ReportRequest, { now, teams, err }: ReportDeps): Selection {
  if (request.json === true && request.csv === true) {
    throw new WrongUseError('--json and --csv exclude each other; choose one');
  }
  const to = request.to === undefined ? now : parseWhen(request.to, now, '--to');
  const from = request.from === undefined ? to - dayMs : parseWhen(request.from, now, '--from');
  if (from >= to) {
    throw new WrongUseError(`--from (${isoUtc(from)}) must lie before --to (${isoUtc(to)})`);
  }
  return {
    from,
    to,
    groupBy: groupByOf(request.by ?? 'model,cloud'),
    stepMs: stepOf(request.step ?? 'total', err),
    filters: new Map(),
    teams,
  };
}

function groupByOf(text: string): readonly Dimension[] {
  const words = text.split(',').map((word) => word.trim());
  return words
    .filter((word) => word !== '')
    .map((word) => {
      const dimension = parseDimension(word);
      if (dimension !== undefined) return dimension;
      const advice = suggestion(word, [...dimensionNames, 'tag.<key>']);
      throw new WrongUseError(`--by: unknown dimension ${JSON.stringify(word)}; ${advice}`);
    });
}

function stepOf(text: string, err: Terminal): Step {
  const step = parseStep(text);
  if (step === undefined) {
    throw new WrongUseError(
      `--step: ${JSON.stringify(text)} is no step; write one of ${stepNames.join(', ')}`,
    );
  }
  if (stepName(step) !== text) err.write(`--step ${text} is taken as ${stepName(step)}\n`);
  return step;
}
