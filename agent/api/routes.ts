import { latencyRoute } from './latency.ts';
import type { Route } from './route.ts';
import { sourcesRoute } from './sources.ts';
import { usageRoute } from './usage.ts';

/** Every route that answers rows; the one place to add one. */
export const routes: readonly Route[] = [usageRoute, latencyRoute, sourcesRoute];
