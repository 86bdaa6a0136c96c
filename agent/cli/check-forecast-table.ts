import { toUsd } from '../core/money.ts';
import type { DiskForecast, SourceForecast } from './check-forecast.ts';
import type { DiskOutlook } from './check-outlook.ts';
import { formatAge, formatCount, formatTable, formatUsd, wrap } from './format.ts';
import type { TableColumn } from './format.ts';

const columns: readonly TableColumn[] = [
  { head: 'SOURCE', align: 'left' },
  { head: 'TARGETS', align: 'right' },
  { head: 'METERS', align: 'right' },
  { head: 'CALLS/DAY', align: 'right' },
  { head: 'USD/DAY', align: 'right' },
  { head: 'USD/30D', align: 'right' },
  { head: 'LIMIT/DAY', align: 'right' },
  { head: 'HISTORY', align: 'right' },
];

/** What reading will cost, a row a source; a source that could not be listed has dashes. */
export function forecastText(
  sources: readonly { readonly source: string; readonly forecast: SourceForecast | undefined }[],
  width: number,
): string {
  const rows = sources.map(({ source, forecast }) =>
    forecast === undefined
      ? [source, ...columns.slice(1).map(() => '–')]
      : [
          source,
          formatCount(forecast.targets),
          formatCount(forecast.meters),
          formatCount(forecast.callsPerDay),
          usd(forecast.costNanoUsdPerDay),
          usd(forecast.costNanoUsdPerDay * 30n),
          usd(forecast.limitNanoUsdPerDay),
          usd(forecast.history.costNanoUsd),
        ],
  );
  const known = sources.flatMap(({ forecast }) => forecast ?? []);
  const [first] = known;
  const every = first === undefined ? '' : `Polled every ${formatAge(first.everySeconds)}. `;
  const limit = first?.limitIsAuto === false ? '' : ' LIMIT/DAY is api_spend_limit: auto, 1.5 ×.';
  const note = `${every}US dollars at list prices, with every meter busy, listings, re-reads and bills included; HISTORY is the filling of the past, once.${limit}`;
  return `${formatTable(columns, rows)}\n${wrap(note, width)}`;
}

/** The ledger's size: at most, and as what was seen of the last day goes on. */
export function diskText({ busiest, seen, bytesNow }: DiskOutlook, width: number): string {
  const row = (name: string, one: DiskForecast) => [
    name,
    formatBytes(one.after30Days),
    formatBytes(one.steady),
    formatBytes(one.perYearThereafter),
  ];
  const table = formatTable(
    [
      { head: 'LEDGER', align: 'left' },
      { head: 'AFTER 30D', align: 'right' },
      { head: `AFTER ${busiest.steadyDays}D`, align: 'right' },
      { head: 'THEN A YEAR', align: 'right' },
    ],
    [
      row('at most', busiest),
      ...(seen === undefined ? [] : [row('as seen in the last 24h', seen)]),
    ],
  );
  const now = bytesNow === undefined ? '' : ` It holds ${formatBytes(bytesNow)} now.`;
  const note = `At most: every meter reports every minute. Beside the file stands its write-ahead log, some 10 MB.${now}`;
  return `${table}\n${wrap(note, width)}`;
}

/** `45 MB`, two digits that count; 1 MB is 10^6 bytes. */
function formatBytes(bytes: number): string {
  const [unit, size] =
    bytes >= 1e9
      ? (['GB', 1e9] as const)
      : bytes >= 1e6
        ? (['MB', 1e6] as const)
        : (['kB', 1e3] as const);
  const value = bytes / size;
  return `${value >= 10 || value === 0 ? Math.round(value) : Number(value.toPrecision(2))} ${unit}`;
}

function usd(nanoUsd: bigint): string {
  return formatUsd(toUsd(nanoUsd));
}
