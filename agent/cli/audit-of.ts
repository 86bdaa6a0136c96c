import type { Audit, AuditRow } from '../core/audit.ts';
import { dayMs, floorTo } from '../core/time.ts';
import { auditRow } from '../reconcile/rows.ts';
import { addSummaries } from '../reconcile/summary.ts';
import { findingsByDay, rememberedDays } from './audit-days.ts';
import type { AuditReader, AuditSettings } from './audit-facts.ts';

/** The audit over a ledger, by this configuration. Days that are not over are left out: they have no bill. */
export function createAudit(reader: AuditReader, settings: AuditSettings): Audit {
  const remembered = rememberedDays(reader, settings);
  return async (days, now, choice) => {
    const past = { start: days.start, end: Math.min(days.end, floorTo(now, dayMs)) };
    const isOver = past.start < past.end;
    const parts = isOver ? await remembered(past, choice) : [];
    return {
      count: parts.reduce((sum, { count }) => sum + count, 0),
      summary: () => addSummaries(parts, days),
      async rows() {
        const told = parts.filter(({ count }) => count > 0).map(({ day }) => day);
        const rows: AuditRow[] = [];
        if (told.length === 0) return rows;
        for await (const [, own] of findingsByDay(reader, settings, past, told, choice)) {
          for (const finding of own) rows.push(auditRow(finding));
        }
        return rows;
      },
    };
  };
}
