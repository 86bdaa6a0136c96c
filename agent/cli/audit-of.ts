import type { Audit } from '../core/audit.ts';
import { dayMs } from '../core/time.ts';
import { reconcile } from '../reconcile/reconcile.ts';
import { auditFacts, auditRow } from '../reconcile/rows.ts';
import { auditSummary } from '../reconcile/summary.ts';
import { auditInput } from './audit-facts.ts';
import type { AuditReader, AuditSettings } from './audit-facts.ts';

/** The audit over a ledger, by this configuration. Days that are not over are left out: they have no bill. */
export function createAudit(reader: AuditReader, settings: AuditSettings): Audit {
  return async (days, now, keeps) => {
    const today = Math.floor(now / dayMs) * dayMs;
    const past = { start: days.start, end: Math.min(days.end, today) };
    const findings =
      past.start < past.end ? reconcile(await auditInput(reader, settings, past)) : [];
    const kept = findings.filter((finding) => keeps(auditFacts(finding)));
    return {
      count: kept.length,
      rows: () => kept.map(auditRow),
      summary: () => auditSummary(kept, days),
    };
  };
}
