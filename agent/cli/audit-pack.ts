import { createHash } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { auditColumns } from '../core/audit.ts';
import type { Audited, AuditRow } from '../core/audit.ts';
import type { EvidenceReader } from '../core/evidence.ts';
import type { IdentityRow } from '../core/store.ts';
import { dayMs } from '../core/time.ts';
import type { Window } from '../core/time.ts';
import { billCommands, meterCommands } from './audit-commands.ts';
import type { AuditReader, AuditSettings } from './audit-facts.ts';
import { billCsv, hourlyCsv } from './audit-hours.ts';
import { createRedaction } from './audit-redact.ts';
import { summaryPage } from './audit-summary-page.ts';
import { formatCsv } from './format.ts';
import { WrongUseError } from './wrong-use.ts';

export interface PackParts {
  readonly reader: AuditReader & EvidenceReader;
  readonly audited: Audited;
  readonly days: Window;
  readonly version: string;
  readonly contracts: AuditSettings['contracts'];
}

/**
 * Writes what somebody who never saw the agent needs to check the audit by hand into a folder that is made, or empty.
 * Accounts, resources and deployments have names of the pack's own unless `full`. Resolves to the files' names. Throws a
 * WrongUseError for a folder that holds anything.
 */
export async function writePack(
  parts: PackParts,
  folder: string,
  full: boolean,
): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) {
    throw new WrongUseError(`--evidence: ${folder} is not empty; name a new folder`);
  }
  const files = await packFiles(parts, full);
  for (const [name, text] of files) await writeFile(join(folder, name), text);
  return files.map(([name]) => name);
}

async function packFiles(
  { reader, audited, days, version, contracts }: PackParts,
  full: boolean,
): Promise<readonly (readonly [string, string])[]> {
  const rows = await audited.rows();
  const identities = await reader.identities();
  const behind = identitiesBehind(identities, rows, days);
  const lines = await reader.bills(days);
  const redaction = createRedaction(full ? [] : identities, full ? [] : lines);
  const summary = audited.summary();
  const commands = [
    ...billCommands(rows, days),
    ...(await meterCommands(reader, behind, days, differingDays(rows))),
  ].join('\n\n');
  const files: [string, string][] = [
    ['SUMMARY.md', redaction.text(summaryPage(summary, { version, contracts, redacted: !full }))],
    [
      'day-meter.csv',
      formatCsv(
        auditColumns,
        rows.map((row) => ({ ...row, ...redaction.place(row) })),
      ),
    ],
    ['bill-lines.csv', billCsv(lines, redaction)],
    ['hourly.csv', await hourlyCsv(reader, behind, days, contracts, redaction)],
    ['commands.sh', `#!/bin/sh\n\n${redaction.text(commands)}\n`],
  ];
  const sums = files.map(([name, text]) => `${sha256(text)}  ${name}\n`);
  return [...files, ['SHA256SUMS', sums.join('')]];
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The traffics of models that have a row, in the places of the rows. */
function identitiesBehind(
  identities: readonly IdentityRow[],
  rows: readonly AuditRow[],
  days: Window,
): readonly IdentityRow[] {
  const wanted = new Set(rows.map(({ cloud, account, model }) => `${cloud}|${account}|${model}`));
  return identities.filter(
    ({ cloud, account, model, reports, from, to }) =>
      reports.size > 0 &&
      from < days.end &&
      to > days.start &&
      wanted.has(`${cloud}|${account}|${model}`),
  );
}

/** By account and model, the days from the first to the last on which something differs. */
function differingDays(rows: readonly AuditRow[]): ReadonlyMap<string, Window> {
  const spans = new Map<string, Window>();
  for (const row of rows) {
    if (row.class === 'in_line' || row.class === 'allocated' || row.model === '') continue;
    const key = `${row.cloud}|${row.account}|${row.model}`;
    const start = Date.parse(row.day);
    const known = spans.get(key);
    spans.set(key, {
      start: Math.min(start, known?.start ?? start),
      end: Math.max(start + dayMs, known?.end ?? 0),
    });
  }
  return spans;
}
