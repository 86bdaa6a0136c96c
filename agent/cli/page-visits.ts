import type { PageVisit } from '../../dashboards/page/reader.ts';
import type { ApiDeps } from '../api/api.ts';
import { auditOf } from '../api/audit.ts';
import { nameOf } from '../api/auth.ts';
import type { Access } from '../api/auth.ts';
import type { Config } from '../config/schema.ts';
import type { AuditSummary } from '../core/audit.ts';
import { hourMs, minuteMs } from '../core/time.ts';
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

const freshMs = 10 * minuteMs;
const usableMs = hourMs;

/**
 * Bills change a few times a day; many looks in a row are held against them once. What is a little old is shown while it is
 * made anew, so that only the first look in an hour waits for it.
 */
function rememberedAudit(deps: () => ApiDeps): PageFacts['auditAll'] {
  let held: { readonly at: Instant; readonly summary: AuditSummary } | undefined;
  let making: Promise<AuditSummary> | undefined;
  async function make(all: ApiDeps): Promise<AuditSummary> {
    try {
      const at = all.clock.now();
      const audited = await auditOf({}, { scope: new Map() }, all);
      const summary = audited.summary();
      held = { at, summary };
      return summary;
    } finally {
      making = undefined;
    }
  }
  return async () => {
    const all = deps();
    const age = held === undefined ? usableMs : Math.abs(all.clock.now() - held.at);
    if (age >= freshMs) making ??= make(all);
    if (held === undefined || age >= usableMs) return making ?? make(all);
    making?.catch((error: unknown) => all.onError(error, 'the page: audit'));
    return held.summary;
  };
}
