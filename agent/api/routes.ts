import { explainRoute } from './explain.ts';
import { latencyRoute } from './latency.ts';
import { pricesRoute } from './prices.ts';
import type { Route } from './route.ts';
import { sourcesRoute } from './sources.ts';
import { usageRoute } from './usage.ts';

/** Every route; the one place to add one. */
export const routes: readonly Route[] = [
  usageRoute,
  latencyRoute,
  sourcesRoute,
  pricesRoute,
  explainRoute,
];
