import type { AuditRow, AuditSummary, AuditTotal } from '../core/audit.ts';
import { formatCount, formatShare, formatTable, formatUsd, plainText, wrap } from './format.ts';
import type { TableColumn } from './format.ts';
import { wrapIndented } from './indented.ts';

const shown = 10;

const classColumns: readonly TableColumn[] = [
  { head: 'Class', align: 'left' },
  { head: 'Rows', align: 'right' },
  { head: 'Billed $', align: 'right' },
  { head: 'Drift $', align: 'right' },
  { head: 'Unexplained $', align: 'right' },
];

/** The audit for people: the headline, each month, by class, and the largest differences with their sentences. */
export function auditText(summary: AuditSummary, width: number): string {
  const { headline, months, classes, largest, other_currencies: others } = summary;
  if (classes.length === 0) {
    return `${wrap(`${headline}. Nothing was billed or metered on days that are over; \`crossbill sources\` tells whether bills are collected.`, width)}\n`;
  }
  const blocks = [
    wrap(headline, width),
    ...(months.length > 1 ? [months.map((month) => monthLine(month)).join('\n')] : []),
    formatTable(
      classColumns,
      classes.map((one) => [
        one.class,
        formatCount(one.rows),
        formatUsd(one.billed_usd),
        formatUsd(one.drift_usd),
        formatUsd(one.unexplained_usd),
      ]),
      [
        'Total',
        formatCount(classes.reduce((sum, { rows }) => sum + rows, 0)),
        formatUsd(summary.total.billed_usd),
        '',
        formatUsd(summary.total.unexplained_usd),
      ],
    ),
  ];
  for (const { currency, billed } of others) {
    blocks.push(
      wrap(
        `${formatUsd(billed)} ${currency} are in none of these dollars: no rate is configured.`,
        width,
      ),
    );
  }
  if (largest.length > 0) {
    blocks.push(
      'Largest differences',
      ...largest.slice(0, shown).map((row) => rowText(row, width)),
    );
  }
  return `${blocks.join('\n\n')}\n`;
}

/** `2026-10  $412,310.00 billed, 96.6 % explained, $14,019.00 not` */
function monthLine({
  name,
  billed_usd,
  explained_ratio,
  unexplained_usd,
  pending_usd,
}: AuditTotal) {
  const parts = [
    `$${formatUsd(billed_usd)} billed`,
    `${formatShare(explained_ratio)} explained`,
    `$${formatUsd(unexplained_usd)} not`,
    ...(pending_usd === 0 ? [] : [`$${formatUsd(pending_usd)} not final yet`]),
  ];
  return `${name}  ${parts.join(', ')}`;
}

function rowText(row: AuditRow, width: number): string {
  const place = [row.account, row.resource, row.region].filter((word) => word !== '').join(' ');
  const lines = [
    `${row.day}  ${row.class}  $${formatUsd(row.drift_usd ?? row.billed_cost)}`,
    ...[
      `${row.cloud} ${place}`,
      `${row.model}: ${row.meter}`,
      row.explanation,
      `Assumed: ${row.assumption}.`,
    ].map((text) => wrapIndented(`  ${plainText(text)}`, width)),
  ];
  return lines.join('\n');
}
