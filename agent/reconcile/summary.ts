import { auditClasses } from '../core/audit.ts';
import type { AuditClassTotal, AuditSummary, AuditTotal } from '../core/audit.ts';
import { toUsd } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';
import type { Window } from '../core/time.ts';
import { roundUsd } from './figures.ts';
import { pendingOf, unexplainedOf } from './finding.ts';
import type { Finding } from './finding.ts';
import { modelDrifts } from './model-drift.ts';
import { classMeaning } from './rules.ts';
import { auditRow, dayText } from './rows.ts';

const largestShown = 20;

/** What the findings of a span come to. Every sum of dollars is exact before it becomes a number. */
export function auditSummary(findings: readonly Finding[], days: Window): AuditSummary {
  const all = sumsOf(findings);
  const monthOf = new Map<number, string>();
  for (const { day } of findings) {
    if (!monthOf.has(day)) monthOf.set(day, dayText(day).slice(0, 7));
  }
  return {
    from: dayText(days.start),
    to: dayText(days.end),
    headline: headlineOf(all, spanName(days)),
    total: totalOf(findings.length === 0 ? '' : 'total', all),
    months: totals(findings, ({ day }) => monthOf.get(day) ?? ''),
    clouds: totals(findings, ({ cloud }) => cloud),
    classes: classTotals(findings),
    largest: largest(findings).map(auditRow),
    models: modelDrifts(findings),
    other_currencies: otherCurrencies(findings),
  };
}

interface Sums {
  billed: NanoUsd;
  unexplained: NanoUsd;
  pending: NanoUsd;
  notBilled: NanoUsd;
}

function sumsOf(findings: readonly Finding[]): Sums {
  const sums: Sums = { billed: 0n, unexplained: 0n, pending: 0n, notBilled: 0n };
  for (const finding of findings) {
    // Nothing is not added: each sum of such numbers is a new one.
    const unexplained = unexplainedOf(finding);
    const pending = pendingOf(finding);
    sums.billed += finding.billedNanoUsd ?? 0n;
    if (unexplained !== 0n) sums.unexplained += unexplained;
    if (pending !== 0n) sums.pending += pending;
    if (finding.class === 'missing_bill') sums.notBilled -= finding.driftNanoUsd ?? 0n;
  }
  return sums;
}

function headlineOf({ billed, unexplained, pending }: Sums, span: string): string {
  if (billed <= 0n) return `${span}: ${roundUsd(billed)} billed`;
  const explained = billed - unexplained - pending;
  const parts = [
    `${span}: ${roundUsd(billed)} billed`,
    `${shareText(explained, billed)} explained`,
    `${roundUsd(unexplained)} not`,
  ];
  if (pending !== 0n) parts.push(`${roundUsd(pending)} not final yet`);
  return parts.join(', ');
}

/** `96.6 %`, rounded down: what is not all is never called all. */
function shareText(part: NanoUsd, whole: NanoUsd): string {
  const thousandths = part <= 0n ? 0n : (part * 1_000n) / whole;
  return `${thousandths / 10n}.${thousandths % 10n} %`;
}

const monthNames = Intl.DateTimeFormat('en-US', {
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
});

/** `October 2026` of a whole month, else its days. */
function spanName({ start, end }: Window): string {
  const first = new Date(start);
  const isMonth =
    first.getUTCDate() === 1 &&
    Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 1) === end;
  return isMonth ? monthNames.format(first) : `${dayText(start)} to ${dayText(end - 1)}`;
}

function totals(
  findings: readonly Finding[],
  nameOf: (finding: Finding) => string,
): readonly AuditTotal[] {
  return [...groupedBy(findings, nameOf)]
    .map(([name, own]) => totalOf(name, sumsOf(own)))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function groupedBy(
  findings: readonly Finding[],
  nameOf: (finding: Finding) => string,
): ReadonlyMap<string, readonly Finding[]> {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const name = nameOf(finding);
    const own = groups.get(name);
    if (own === undefined) groups.set(name, [finding]);
    else own.push(finding);
  }
  return groups;
}

function totalOf(name: string, { billed, unexplained, pending, notBilled }: Sums): AuditTotal {
  const explained = billed - unexplained - pending;
  return {
    name,
    billed_usd: toUsd(billed),
    explained_usd: toUsd(explained),
    unexplained_usd: toUsd(unexplained),
    pending_usd: toUsd(pending),
    explained_ratio: billed > 0n ? toUsd(explained) / toUsd(billed) : null,
    not_billed_usd: toUsd(notBilled),
  };
}

function classTotals(findings: readonly Finding[]): readonly AuditClassTotal[] {
  const groups = groupedBy(findings, (finding) => finding.class);
  return auditClasses
    .flatMap((name) => {
      const own = groups.get(name);
      if (own === undefined) return [];
      const sums = sumsOf(own);
      const drift = own.reduce((sum, { driftNanoUsd }) => sum + (driftNanoUsd ?? 0n), 0n);
      return [{ name, rows: own.length, sums, drift }];
    })
    .toSorted(
      (a, b) =>
        descending(a.sums.unexplained, b.sums.unexplained) ||
        descending(a.sums.billed, b.sums.billed),
    )
    .map(({ name, rows, sums, drift }) => ({
      class: name,
      means: classMeaning[name].means,
      rows,
      billed_usd: toUsd(sums.billed),
      drift_usd: toUsd(drift),
      unexplained_usd: toUsd(sums.unexplained),
    }));
}

/** What somebody should look at: unexplained dollars and missing ones. */
function largest(findings: readonly Finding[]): readonly Finding[] {
  return findings
    .map((finding) => ({ finding, size: sizeOf(finding) }))
    .filter(({ size }) => size > 0n)
    .toSorted((a, b) => descending(a.size, b.size))
    .slice(0, largestShown)
    .map(({ finding }) => finding);
}

function sizeOf(finding: Finding): NanoUsd {
  if (finding.class === 'missing_bill') return -(finding.driftNanoUsd ?? 0n);
  return unexplainedOf(finding);
}

function descending(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a > b ? -1 : 1;
}

function otherCurrencies(findings: readonly Finding[]): AuditSummary['other_currencies'] {
  const sums = new Map<string, bigint>();
  for (const { currency, billedNano, billedNanoUsd } of findings) {
    if (billedNano === null || billedNanoUsd !== null) continue;
    sums.set(currency, (sums.get(currency) ?? 0n) + billedNano);
  }
  return [...sums].map(([currency, nano]) => ({ currency, billed: toUsd(nano) }));
}
