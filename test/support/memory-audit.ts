import type { Audit } from '../../agent/core/audit.ts';
import { dayMs } from '../../agent/core/time.ts';
import { auditRow } from '../../agent/reconcile/rows.ts';
import { reconcile } from '../../agent/reconcile/reconcile.ts';
import { auditSummary } from '../../agent/reconcile/summary.ts';
import { billedTokens, inputOf, meteredDay } from '../agent/reconcile/days.ts';

/** The audit of one billed meter on the first day that is asked for. */
export const memoryAudit: Audit = async (days, _now, { keeps }) => {
  const day = Math.ceil(days.start / dayMs) * dayMs;
  const findings = reconcile(
    inputOf({
      metered: [meteredDay({ day, input: 1_000_000 })],
      billed: billedTokens({ input: 1_000_000 }, { input: 5 }, { day }),
    }),
  ).filter(keeps);
  return {
    count: findings.length,
    rows: async () => findings.map(auditRow),
    summary: () => auditSummary(findings, days),
  };
};
