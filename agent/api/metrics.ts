import type { Context } from 'hono';
import type { Filters } from '../query/dimensions.ts';
import type { Access } from './auth.ts';

export interface Metrics {
  /** The media type of the text. */
  readonly type: string;
  /** What of the traffic the asker may see; nothing named is everything. */
  render(scope: Filters): Promise<string>;
}

/** What Prometheus scrapes. */
export async function answerMetrics(
  c: Context,
  metrics: Metrics,
  access: Access,
): Promise<Response> {
  const text = await metrics.render(access.scope);
  return c.body(text, 200, { 'Content-Type': metrics.type, 'Cache-Control': 'no-store' });
}
