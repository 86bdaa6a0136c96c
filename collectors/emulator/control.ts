import * as z from 'zod';
import { isoUtc } from '../../agent/core/time.ts';
import { jsonAnswer, serveLoopback } from './http.ts';
import type { Answer, Loopback } from './http.ts';
import { truth, truthDimensions, truthSteps } from './truth.ts';
import type { World } from './world.ts';

/** ISO 8601 or epoch milliseconds. */
const instant = z
  .string()
  .transform((text) => (/^-?\d+$/.test(text) ? Number(text) : Date.parse(text)))
  .refine((at) => Number.isFinite(at), 'neither an ISO 8601 time nor epoch milliseconds');

const querySchema = z.object({
  from: instant,
  to: instant,
  step: z.enum(truthSteps).default('total'),
  group_by: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter((name) => name !== ''))
    .pipe(z.array(z.enum(truthDimensions))),
});

function answerTruth(world: World, parameters: URLSearchParams): Answer {
  const parsed = querySchema.safeParse(Object.fromEntries(parameters));
  if (!parsed.success) return jsonAnswer(400, { detail: z.prettifyError(parsed.error) });
  const { from, to, step, group_by: groupBy } = parsed.data;
  return jsonAnswer(200, truth(world.traffic, { from, to, step, groupBy }));
}

/**
 * The side door for tests and the demo: `GET /truth?from&to&step&group_by` (rows of `truth`) and `GET /clock`
 * (`{now}`, ISO).
 */
export function startControl(world: World, port: number): Promise<Loopback> {
  return serveLoopback(port, ({ url }) => {
    if (url.pathname === '/truth') return answerTruth(world, url.searchParams);
    if (url.pathname === '/clock') return jsonAnswer(200, { now: isoUtc(world.now()) });
    return jsonAnswer(404, {
      detail: `There is nothing at ${url.pathname}; try /truth or /clock.`,
    });
  });
}
