import type { PageVisit } from '../../dashboards/page/reader.ts';
import type { ApiDeps } from '../api/api.ts';
import { auditOf } from '../api/audit.ts';
import { nameOf } from '../api/auth.ts';
import type { Access } from '../api/auth.ts';
import type { Config } from '../config/schema.ts';
import type { AuditSummary } from '../core/audit.ts';
import { minuteMs } from '../core/time.ts';
import type { Instant } from '../core/time.ts';
import { createPageActions } from './page-actions.ts';
import { budgetFilters } from './page-budgets.ts';
import { createPageReader } from './page-reader.ts';
import type { PageFacts } from './page-reader.ts';

/** Who looks at the page, with what they may see and do. */
export function createVisits(
  budgets: Config['budgets'],
  deps: () => ApiDeps,
): (access: Access, mayWrite: boolean) => PageVisit {
  const facts: PageFacts = {
    filtersOfBudget: (status) => budgetFilters(budgets, status),
    auditAll: rememberedAudit(deps),
  };
  return (access, mayWrite) => {
    const all = deps();
    return {
      reader: createPageReader(all, facts, access, all.onError),
      actions: mayWrite ? createPageActions(all, access, all.onError) : undefined,
      user: nameOf(access),
    };
  };
}

const auditMs = 10 * minuteMs;

/** Bills change a few times a day; many looks in a row are held against them once. */
function rememberedAudit(deps: () => ApiDeps): PageFacts['auditAll'] {
  let held: { readonly at: Instant; readonly summary: Promise<AuditSummary> } | undefined;
  return () => {
    const all = deps();
    const at = all.clock.now();
    if (held !== undefined && Math.abs(at - held.at) < auditMs) return held.summary;
    const summary = auditOf({}, { scope: new Map() }, all).then((audited) => audited.summary());
    held = { at, summary };
    summary.catch(() => {
      held = undefined;
    });
    return summary;
  };
}
