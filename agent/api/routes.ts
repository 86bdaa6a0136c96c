import type { Action } from './action.ts';
import { acknowledgeAlert, alertsRoute } from './alerts.ts';
import { auditRoute, auditSummaryRoute } from './audit.ts';
import { billedRoute } from './billed.ts';
import { budgetsRoute } from './budgets.ts';
import { cachingRoute } from './caching.ts';
import { capacityRoute } from './capacity.ts';
import { changesRoute } from './changes.ts';
import { deliveriesRoute, retryDelivery } from './deliveries.ts';
import { explainRoute } from './explain.ts';
import { focusRoute } from './focus.ts';
import { latencyRoute } from './latency.ts';
import { pricesRoute } from './prices.ts';
import type { Route } from './route.ts';
import { createSilence, endSilence, silencesRoute } from './silences.ts';
import { sourcesRoute } from './sources.ts';
import { usageRoute } from './usage.ts';

/** Every route; the one place to add one. */
export const routes: readonly Route[] = [
  usageRoute,
  capacityRoute,
  changesRoute,
  cachingRoute,
  latencyRoute,
  sourcesRoute,
  pricesRoute,
  billedRoute,
  auditRoute,
  auditSummaryRoute,
  explainRoute,
  focusRoute,
  budgetsRoute,
  alertsRoute,
  silencesRoute,
  deliveriesRoute,
];

/** Everything by which something is changed. */
export const actions: readonly Action[] = [
  acknowledgeAlert,
  createSilence,
  endSilence,
  retryDelivery,
];
