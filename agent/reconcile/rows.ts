import type { AuditRow } from '../core/audit.ts';
import { toUsd } from '../core/money.ts';
import { isoUtc } from '../core/time.ts';
import { assumptionOf } from './assumptions.ts';
import { explanationOf } from './explanations.ts';
import type { Finding } from './finding.ts';

/** A finding in the words and numbers of the API. */
export function auditRow(finding: Finding): AuditRow {
  const { metered, driftTokens, cost, billedNano, driftNanoUsd } = finding;
  return {
    day: dayText(finding.day),
    ...placeFacts(finding),
    token_type: finding.item,
    metered_quantity: metered,
    billed_quantity: finding.billed,
    drift_quantity: driftTokens,
    drift_ratio: driftTokens === null || !metered ? null : driftTokens / metered,
    metered_cost: cost === null ? null : toUsd(cost.best),
    billed_cost: billedNano === null ? null : toUsd(billedNano),
    drift_usd: driftNanoUsd === null ? null : toUsd(driftNanoUsd),
    currency: finding.currency,
    class: finding.class,
    assumption: assumptionOf(finding),
    explanation: explanationOf(finding),
  };
}

function placeFacts({ cloud, account, resource, region, model, meter }: Finding) {
  return { cloud, account, resource, region, model, meter };
}

/** `2026-10-31` */
export function dayText(day: number): string {
  return isoUtc(day).slice(0, 10);
}
