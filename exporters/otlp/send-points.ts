import { ExternalError } from '../../agent/core/errors.ts';
import type { PostMetrics } from './post-metrics.ts';
import type { MetricPoint } from './point.ts';

/** What became of points that need not be sent again. */
export interface Sent {
  readonly done: readonly MetricPoint[];
  readonly rejected: number;
  /** Why, in the words of the first that said so. */
  readonly message: string;
}

export interface SendSettings {
  readonly encode: (points: readonly MetricPoint[]) => Uint8Array;
  readonly post: PostMetrics;
  /** A longer body is sent in two. */
  readonly mostBytes: number;
  readonly mostPoints: number;
}

/**
 * How often what is refused is halved to find the points at fault: while nothing of it was taken, when all of it may be at
 * fault, and after that. Eleven times is from two thousand points down to one.
 */
const mostRefusals = { beforeAnyTaken: 24, afterwards: 128 };

/** What is too late for a backend stays too late: asking again for it would hold up everything after it. */
const saysTooLate = /out of (order|bounds)|too (old|far in the past)|duplicate sample/i;

/**
 * Sends lists of points, each of one resource and oldest first. What a backend refuses is halved until the points at fault
 * are alone: they are rejected, and the others arrive. Where it takes nothing at all, and not because the points are too
 * late, the fault is not with the points: then it throws, and nothing is given up.
 * @param onDone told of points as soon as they need not be sent again
 * @throws ExternalError as `post` does, and where everything is refused
 */
export async function sendPoints(
  lists: readonly (readonly MetricPoint[])[],
  { encode, post, mostBytes, mostPoints }: SendSettings,
  signal: AbortSignal,
  onDone: (sent: Sent) => void,
): Promise<void> {
  const waiting = lists.flatMap((list) => inPieces(list, mostPoints)).toReversed();
  // Given up only once something was taken, or where it is too late for them.
  const refused: Sent[] = [];
  let takenAny = false;
  let refusals = 0;
  let why = '';

  for (let points = waiting.pop(); points !== undefined; points = waiting.pop()) {
    const body = encode(points);
    if (body.length > mostBytes && points.length > 1) {
      waiting.push(...halves(points).toReversed());
      continue;
    }
    const answer = await post(body, signal);
    if (!('refused' in answer)) {
      takenAny = true;
      onDone({ done: points, ...answer });
      continue;
    }
    refusals += 1;
    const isTooLate = saysTooLate.test(answer.refused);
    if (!isTooLate) why ||= answer.refused;
    if (refusals < (takenAny ? mostRefusals.afterwards : mostRefusals.beforeAnyTaken)) {
      if (points.length > 1) {
        // Oldest first, as a backend wants them; but of what is partly too late, what is not goes first.
        waiting.push(...(isTooLate ? halves(points) : halves(points).toReversed()));
        continue;
      }
    } else if (!takenAny && why !== '') break;
    refused.push({ done: points, rejected: points.length, message: answer.refused });
  }

  if (!takenAny && why !== '') throw takesNothing(why);
  for (const sent of refused) onDone(sent);
}

function takesNothing(why: string): ExternalError {
  return new ExternalError(`the backend takes none of the points: ${why}`, {
    reason: 'bad_response',
    operation: 'otlp:ExportMetrics',
    hint: 'Look at what it says: where it wants running totals, set `temporality: cumulative` for this exporter. The points are kept and sent again.',
  });
}

function inPieces<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  const pieces: (readonly T[])[] = [];
  for (let from = 0; from < list.length; from += size) pieces.push(list.slice(from, from + size));
  return pieces;
}

/** The older one first. */
function halves<T>(list: readonly T[]): readonly [readonly T[], readonly T[]] {
  const middle = list.length >> 1;
  return [list.slice(0, middle), list.slice(middle)];
}
