import { toUsd } from '../core/money.ts';
import { isoUtc, hourMs } from '../core/time.ts';
import { failureText } from './backfill-plan.ts';
import {
  formatCount,
  formatCsv,
  formatInstant,
  formatTable,
  formatUsd,
  plainText,
  shorten,
  wrap,
} from './format.ts';
import type { TableColumn } from './format.ts';
import type { DifferentHour, Verified } from './verify-found.ts';

const mostRows = 30;

/** For people: what was found, and apart from it what could not be fetched. */
export function verifyText(
  verified: Verified,
  demo: boolean,
  width: number,
): { readonly found: string; readonly failed: string } {
  const { differences, failures, sampled } = verified;
  const blocks = [
    ...(demo
      ? ['DEMO  A recorded production hour, replayed by built-in clouds: not your usage.']
      : []),
    wrap(summary(verified), width),
    ...(differences.length === 0
      ? []
      : [differenceTable(verified, width), wrap(advice(verified), width)]),
  ];
  const failed = failures.map(
    ({ target, windows, error }) =>
      `${failureText(target, error)}\n  ${windowsWord(windows)} of ${sampled.length} not verified\n`,
  );
  return { found: `${blocks.join('\n\n')}\n`, failed: failed.join('') };
}

function summary(verified: Verified): string {
  const { seed, settled, sampled, fetched, silent, values, differences } = verified;
  if (sampled.length === 0) {
    return 'nothing to verify: no settled hour of a polled meter lies in that span and is still kept by its cloud';
  }
  const ends = sampled.map(({ window }) => window.start);
  const span = `${formatInstant(Math.min(...ends))} – ${formatInstant(Math.max(...ends) + hourMs)} UTC`;
  const quiet = silent === 0 ? '' : `, ${silent} of them silent on both sides`;
  const windows = new Set(
    differences.map(({ target, unit, window }) => `${target.id} ${unit.key} ${window.start}`),
  );
  const result =
    differences.length === 0
      ? 'no difference'
      : `${formatCount(differences.length)} differ, in ${windowsWord(windows.size)}`;
  return (
    `${windowsWord(fetched)} fetched again${quiet}: ${formatCount(values)} values compared, ${result}. ` +
    `Drawn from ${formatCount(settled)} settled hours of meters, ${span}; --seed ${seed} draws the same. ` +
    `${verified.calls === 1 ? '1 call' : `${formatCount(verified.calls)} calls`}, ${costText(verified.costNanoUsd)}.`
  );
}

/** One table; each meter stands above its rows, whole where it has room. */
function differenceTable({ differences }: Verified, width: number): string {
  const shown = differences.slice(0, mostRows);
  const [head = '', rule = '', ...rows] = formatTable(
    columns,
    shown.map((one) => [
      formatInstant(one.start),
      one.statistic,
      valueText(one.ledger),
      valueText(one.cloud),
      signed(one.delta),
    ]),
  ).split('\n');
  const lines = [head, rule];
  let meter = '';
  for (const [index, one] of shown.entries()) {
    const own = plainText(`${one.target.id}  ${meterText(one)}`);
    if (own !== meter) lines.push(shorten(own, width));
    meter = own;
    lines.push(rows[index] ?? '');
  }
  const more = differences.length - shown.length;
  if (more > 0) lines.push(`… and ${formatCount(more)} more; --json tells all of them`);
  return lines.join('\n');
}

const columns: readonly TableColumn[] = [
  { head: 'TIME (UTC)', align: 'left' },
  { head: 'STATISTIC', align: 'left' },
  { head: 'LEDGER', align: 'right' },
  { head: 'CLOUD', align: 'right' },
  { head: 'DELTA', align: 'right' },
];

function advice({ differences }: Verified): string {
  const starts = differences.map(({ window }) => window.start);
  const [from, to] = [Math.min(...starts), Math.max(...starts) + hourMs].map(
    (at) => `${isoUtc(at).slice(0, 16)}Z`,
  );
  return (
    'Nothing was changed. A running agent reads the last day again by itself; what is older it leaves as it is. ' +
    `To put what the cloud says now into the ledger, stop the agent and run: crossbill backfill --again --from ${from} --to ${to}`
  );
}

/** Everything, as one document. */
export function verifyJson(verified: Verified): string {
  const { seed, settled, sampled, fetched, silent, values, calls, costNanoUsd } = verified;
  const document = {
    seed,
    settled_windows: settled,
    windows: sampled.length,
    verified: fetched,
    silent,
    values,
    calls,
    cost_usd: toUsd(costNanoUsd),
    differences: differenceRows(verified),
    failures: verified.failures.map(({ target, windows, error }) => ({
      target,
      windows,
      reason: error.reason,
      operation: error.operation,
      message: error.message,
      hint: error.hint,
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** The differences, a row each. */
export function verifyCsv(verified: Verified): string {
  return formatCsv(
    ['target', 'meter', 'period_seconds', 'time', 'statistic', 'ledger', 'cloud', 'delta'],
    differenceRows(verified),
  );
}

function differenceRows({ differences }: Verified) {
  return differences.map((one) => ({
    target: one.target.id,
    meter: meterText(one),
    period_seconds: one.periodSeconds,
    time: isoUtc(one.start),
    statistic: one.statistic,
    ledger: one.ledger,
    cloud: one.cloud,
    delta: one.delta,
  }));
}

/** `InputTokenCount{ModelId=us.openai.gpt-5.6-sol}` */
function meterText({ metric, dimensions }: DifferentHour): string {
  const pairs = Object.entries(dimensions).map(([name, value]) => `${name}=${value}`);
  return `${metric}{${pairs.join(',')}}`;
}

function windowsWord(count: number): string {
  return count === 1 ? '1 window' : `${formatCount(count)} windows`;
}

function valueText(value: number | null): string {
  return value === null ? '–' : value.toLocaleString('en-US', { maximumFractionDigits: 3 });
}

function signed(delta: number): string {
  return delta.toLocaleString('en-US', { maximumFractionDigits: 3, signDisplay: 'exceptZero' });
}

function costText(costNanoUsd: bigint): string {
  if (costNanoUsd > 0n && costNanoUsd < 50_000n) return 'less than 0.0001 USD';
  return costNanoUsd === 0n ? 'free' : `${formatUsd(toUsd(costNanoUsd))} USD`;
}
