import type { SeriesEvidence } from '../core/evidence.ts';
import type { Labels } from '../core/cloud.ts';
import { isoUtc, secondMs } from '../core/time.ts';
import type { Window } from '../core/time.ts';
import type { ExplainedCommand } from './explanation.ts';

/** A series, the id under which it is told, and the length of its periods. */
export interface NamedSeries {
  readonly id: string;
  readonly evidence: SeriesEvidence;
  readonly periodSeconds: number;
}

/** `aws` takes so many queries at once. https://docs.aws.amazon.com/cli/latest/reference/cloudwatch/get-metric-data.html */
const queriesPerCall = 500;
const intervals: Readonly<Record<number, string>> = { 60: 'PT1M', 3_600: 'PT1H' };

/** The vendors' own commands that show the same readings. They carry names and times, nothing else. */
export function commandsOf(series: readonly NamedSeries[], window: Window): ExplainedCommand[] {
  const aws = series.filter(({ evidence }) => evidence.series.key.cloud === 'aws');
  const azure = series.filter(({ evidence }) => evidence.series.key.cloud === 'azure');
  return [
    ...grouped(aws, ({ evidence: { series: one, labels } }) => [
      one.key.account,
      one.key.region,
      labels['monitoring_account'] ?? '',
    ]).flatMap((group) => awsCommands(group, window)),
    ...grouped(azure, ({ evidence: { series: one, statistics, target }, periodSeconds }) => [
      target,
      one.key.namespace,
      Object.keys(one.key.dimensions).join(),
      statistics.join(),
      one.traffic.deployment,
      String(periodSeconds),
    ]).map((group) => azureCommand(group, window)),
  ];
}

function grouped(
  series: readonly NamedSeries[],
  keyOf: (one: NamedSeries) => readonly string[],
): NamedSeries[][] {
  const groups = new Map<string, NamedSeries[]>();
  for (const one of series) {
    const key = JSON.stringify(keyOf(one));
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()];
}

interface Query {
  readonly id: string;
  readonly query: object;
}

/** https://docs.aws.amazon.com/cli/latest/reference/cloudwatch/get-metric-data.html */
function awsCommands(series: readonly NamedSeries[], window: Window): ExplainedCommand[] {
  const [first] = series;
  if (first === undefined) return [];
  const { account, region } = first.evidence.series.key;
  const reader = first.evidence.labels['monitoring_account'];
  const owner = reader === undefined || reader === account ? undefined : account;
  const all = series.flatMap((one) => awsQueries(one, owner));
  return chunks(all, queriesPerCall).map((queries) => {
    const text = ascii(JSON.stringify(queries.map(({ query }) => query)));
    return commandOf(
      `with credentials of account ${owner === undefined ? account : reader}`,
      [...new Set(queries.map(({ id }) => id))],
      [
        ['aws', 'cloudwatch', 'get-metric-data'],
        ['--region', region],
        ['--start-time', isoSeconds(window.start)],
        ['--end-time', isoSeconds(window.end)],
        ['--metric-data-queries', text],
      ],
    );
  });
}

function awsQueries(
  { id, evidence: { series, statistics }, periodSeconds }: NamedSeries,
  owner: string | undefined,
): Query[] {
  const { namespace, metric, dimensions } = series.key;
  return statistics.map((statistic) => ({
    id,
    query: {
      Id: `${id}_${statistic.toLowerCase().replaceAll(/[^a-z0-9]/g, '')}`,
      ...(owner === undefined ? {} : { AccountId: owner }),
      MetricStat: {
        Metric: {
          Namespace: namespace,
          MetricName: metric,
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        },
        Period: periodSeconds,
        Stat: statistic,
      },
    },
  }));
}

/** https://learn.microsoft.com/en-us/cli/azure/monitor/metrics#az-monitor-metrics-list */
function azureCommand(series: readonly NamedSeries[], window: Window): ExplainedCommand {
  const [first] = series;
  const evidence = first?.evidence;
  const key = evidence?.series.key;
  const filter = filterOf(series.map((one) => one.evidence.series.key.dimensions));
  const isSplit = filter.includes("eq '*'");
  const metrics = [...new Set(series.map((one) => one.evidence.series.key.metric))];
  return commandOf(
    `signed in to subscription ${key?.account ?? ''}`,
    series.map(({ id }) => id),
    [
      ['az', 'monitor', 'metrics', 'list'],
      ['--resource', evidence?.labels['resource_id'] ?? key?.resource ?? ''],
      ['--namespace', key?.namespace ?? ''],
      ['--metric', ...metrics],
      ['--aggregation', ...(evidence?.statistics ?? [])],
      ['--interval', intervals[first?.periodSeconds ?? 60] ?? `PT${first?.periodSeconds ?? 60}S`],
      ['--start-time', isoSeconds(window.start)],
      ['--end-time', isoSeconds(window.end)],
      ...(filter === '' ? [] : [['--filter', filter]]),
      ...(isSplit ? [['--top', '1000']] : []),
    ],
  );
}

/** A dimension that all series share by its value, another one split: without it Azure adds its values up. */
function filterOf(all: readonly Labels[]): string {
  const [first = {}] = all;
  return Object.entries(first)
    .map(([name, value]) => {
      const isShared = all.every((dimensions) => dimensions[name] === value);
      return `${name} eq '${isShared ? value.replaceAll("'", "''") : '*'}'`;
    })
    .join(' and ');
}

function commandOf(
  note: string,
  reads: readonly string[],
  options: readonly (readonly string[])[],
): ExplainedCommand {
  const words = options.map((option) => option.map(shellWord).join(' '));
  return { reads, note, command: words.join(' '), words };
}

/** One word for a POSIX shell, whatever is in it: between single quotes nothing has a meaning. */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  if (/^[\w@%+=:,./ *'-]+$/.test(text)) return `"${text}"`;
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** JSON that needs no character set. */
function ascii(json: string): string {
  return json.replaceAll(/[^\u{20}-\u{7E}]/gu, (sign) =>
    Array.from(
      { length: sign.length },
      (_, at) => String.raw`\u${sign.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}

function isoSeconds(instant: number): string {
  return isoUtc(Math.floor(instant / secondMs) * secondMs).replace('.000Z', 'Z');
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const pieces: (readonly T[])[] = [];
  for (let at = 0; at < items.length; at += size) pieces.push(items.slice(at, at + size));
  return pieces;
}
