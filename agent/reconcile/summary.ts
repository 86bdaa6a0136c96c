import { auditClasses } from '../core/audit.ts';
import type { AuditClass, AuditClassTotal, AuditSummary, AuditTotal } from '../core/audit.ts';
import type { Cloud } from '../core/cloud.ts';
import { toUsd } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';
import type { Instant, Window } from '../core/time.ts';
import { roundUsd } from './figures.ts';
import { pendingOf, unexplainedOf } from './finding.ts';
import type { Finding } from './finding.ts';
import { driftTallies, modelDrifts } from './model-drift.ts';
import type { DriftTally } from './model-drift.ts';
import { classMeaning } from './rules.ts';
import { auditRow, dayText } from './rows.ts';

const largestShown = 20;

/** What the findings of one day come to, to be added to other days. */
export interface DaySummary {
  readonly day: Instant;
  /** How many findings there are. */
  readonly count: number;
  readonly tallies: readonly Tally[];
  readonly drifts: readonly DriftTally[];
  readonly largest: readonly Sized[];
  readonly others: OtherCurrencies;
}

/** Of one cloud and class. */
interface Tally {
  readonly cloud: Cloud;
  readonly class: AuditClass;
  readonly sums: Sums;
}

interface Sized {
  readonly finding: Finding;
  readonly size: NanoUsd;
}

/** Billionths by currency, of which no rate is configured. */
type OtherCurrencies = ReadonlyMap<string, bigint>;

interface Sums {
  rows: number;
  billed: NanoUsd;
  unexplained: NanoUsd;
  pending: NanoUsd;
  notBilled: NanoUsd;
  /** Of those that have one. */
  drift: NanoUsd;
}

/** @param findings of that day, in their order */
export function summarizeDay(day: Instant, findings: readonly Finding[]): DaySummary {
  return {
    day,
    count: findings.length,
    tallies: talliesOf(findings),
    drifts: driftTallies(findings),
    largest: largestOf(findings.map((finding) => ({ finding, size: sizeOf(finding) }))),
    others: otherCurrencies(findings),
  };
}

/** What all days of a span come to. Every sum of dollars is exact before it becomes a number. */
export function addSummaries(parts: readonly DaySummary[], days: Window): AuditSummary {
  const all = parts.flatMap(({ tallies }) => tallies);
  const months = parts.flatMap(({ day, tallies }) => {
    const month = dayText(day).slice(0, 7);
    return tallies.map((tally) => ({ ...tally, month }));
  });
  const total = added(all.map(({ sums }) => sums));
  return {
    from: dayText(days.start),
    to: dayText(days.end),
    headline: headlineOf(total, spanName(days)),
    total: totalOf(all.length === 0 ? '' : 'total', total),
    months: totals(months, ({ month }) => month),
    clouds: totals(all, ({ cloud }) => cloud),
    classes: classTotals(all),
    largest: largestOf(parts.flatMap(({ largest }) => largest)).map(({ finding }) =>
      auditRow(finding),
    ),
    models: modelDrifts(parts.map(({ drifts }) => drifts)),
    other_currencies: currenciesOf(parts.map(({ others }) => others)),
  };
}

/** What the findings of a span come to, in the order of their days. */
export function auditSummary(findings: readonly Finding[], days: Window): AuditSummary {
  const parts = [...groupedBy(findings, ({ day }) => day)];
  return addSummaries(
    parts.map(([day, own]) => summarizeDay(day, own)),
    days,
  );
}

function talliesOf(findings: readonly Finding[]): readonly Tally[] {
  const tallies = new Map<string, Tally>();
  let last: Tally | undefined;
  for (const finding of findings) {
    if (last?.class !== finding.class || last.cloud !== finding.cloud) {
      const key = `${finding.cloud} ${finding.class}`;
      last = tallies.get(key) ?? { cloud: finding.cloud, class: finding.class, sums: noSums() };
      tallies.set(key, last);
    }
    const { sums } = last;
    // Nothing is not added: each sum of such numbers is a new one.
    const unexplained = unexplainedOf(finding);
    const pending = pendingOf(finding);
    sums.rows += 1;
    if (finding.billedNanoUsd !== null) sums.billed += finding.billedNanoUsd;
    if (unexplained !== 0n) sums.unexplained += unexplained;
    if (pending !== 0n) sums.pending += pending;
    if (finding.driftNanoUsd === null) continue;
    sums.drift += finding.driftNanoUsd;
    if (finding.class === 'missing_bill') sums.notBilled -= finding.driftNanoUsd;
  }
  return [...tallies.values()];
}

function noSums(): Sums {
  return { rows: 0, billed: 0n, unexplained: 0n, pending: 0n, notBilled: 0n, drift: 0n };
}

function added(all: readonly Sums[]): Sums {
  const sums = noSums();
  for (const one of all) {
    sums.rows += one.rows;
    sums.billed += one.billed;
    sums.unexplained += one.unexplained;
    sums.pending += one.pending;
    sums.notBilled += one.notBilled;
    sums.drift += one.drift;
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

const monthNames =
  'January February March April May June July August September October November December'.split(
    ' ',
  );

/** `October 2026` of a whole month, else its days. */
function spanName({ start, end }: Window): string {
  const first = new Date(start);
  const isMonth =
    first.getUTCDate() === 1 &&
    Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 1) === end;
  return isMonth
    ? `${monthNames[first.getUTCMonth()]} ${first.getUTCFullYear()}`
    : `${dayText(start)} to ${dayText(end - 1)}`;
}

function totals<One extends Tally>(
  tallies: readonly One[],
  nameOf: (tally: One) => string,
): readonly AuditTotal[] {
  return [...groupedBy(tallies, nameOf)]
    .map(([name, own]) => totalOf(name, added(own.map(({ sums }) => sums))))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function groupedBy<One, Name>(
  all: readonly One[],
  nameOf: (one: One) => Name,
): ReadonlyMap<Name, readonly One[]> {
  const groups = new Map<Name, One[]>();
  for (const one of all) {
    const name = nameOf(one);
    const own = groups.get(name);
    if (own === undefined) groups.set(name, [one]);
    else own.push(one);
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

function classTotals(tallies: readonly Tally[]): readonly AuditClassTotal[] {
  const groups = groupedBy(tallies, (tally) => tally.class);
  return auditClasses
    .flatMap((name) => {
      const own = groups.get(name);
      return own === undefined ? [] : [{ name, sums: added(own.map(({ sums }) => sums)) }];
    })
    .toSorted(
      (a, b) =>
        descending(a.sums.unexplained, b.sums.unexplained) ||
        descending(a.sums.billed, b.sums.billed),
    )
    .map(({ name, sums }) => ({
      class: name,
      means: classMeaning[name].means,
      rows: sums.rows,
      billed_usd: toUsd(sums.billed),
      drift_usd: toUsd(sums.drift),
      unexplained_usd: toUsd(sums.unexplained),
    }));
}

/** What somebody should look at: unexplained dollars and missing ones. */
function largestOf(all: readonly Sized[]): readonly Sized[] {
  let found: readonly Sized[] = [];
  let more: Sized[] = [];
  const take = () => {
    found = [...found, ...more]
      .toSorted((a, b) => descending(a.size, b.size))
      .slice(0, largestShown);
    more = [];
  };
  for (const one of all) {
    const least = found.length < largestShown ? 0n : (found.at(-1)?.size ?? 0n);
    if (one.size > least) more.push(one);
    if (more.length > largestShown) take();
  }
  take();
  return found;
}

function sizeOf(finding: Finding): NanoUsd {
  if (finding.class === 'missing_bill') return -(finding.driftNanoUsd ?? 0n);
  return unexplainedOf(finding);
}

function descending(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a > b ? -1 : 1;
}

function otherCurrencies(findings: readonly Finding[]): OtherCurrencies {
  const sums = new Map<string, bigint>();
  for (const { currency, billedNano, billedNanoUsd } of findings) {
    if (billedNano === null || billedNanoUsd !== null) continue;
    sums.set(currency, (sums.get(currency) ?? 0n) + billedNano);
  }
  return sums;
}

function currenciesOf(days: readonly OtherCurrencies[]): AuditSummary['other_currencies'] {
  const sums = new Map<string, bigint>();
  for (const [currency, nano] of days.flatMap((own) => [...own])) {
    sums.set(currency, (sums.get(currency) ?? 0n) + nano);
  }
  return [...sums].map(([currency, nano]) => ({ currency, billed: toUsd(nano) }));
}
