import { ceilTo, minuteMs } from '../core/time.ts';
import type { Access } from './auth.ts';
import type { Route } from './route.ts';
import type { TaggedAnswer } from './etag.ts';

interface Made {
  readonly answer: TaggedAnswer;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Answers that are being made: who asks the same meanwhile, within the same limits, waits for the same one, for the panels of a
 * board and the people before it mostly ask alike. Whoever asks once it is made has it made anew.
 */
export function createSharing(): (
  route: Pick<Route, 'path' | 'sharing'>,
  query: URLSearchParams,
  access: Pick<Access, 'scope'>,
  make: () => Promise<Made>,
) => Promise<Made> {
  const making = new Map<string, Promise<Made>>();
  return ({ path, sharing }, query, { scope }, make) => {
    const asked = sharing === 'by-minute' ? byMinute(query) : query;
    const key = JSON.stringify([path, asked.toString(), [...scope]]);
    const known = making.get(key);
    if (known !== undefined) return known;
    const made = make().finally(() => making.delete(key));
    making.set(key, made);
    return made;
  };
}

const epochMs = /^\d{12,14}$/;

/** Two boards are never opened in the same millisecond, and a minute is in the range when it starts in it. */
function byMinute(query: URLSearchParams): URLSearchParams {
  const [from = '', ...froms] = query.getAll('from');
  const [to = '', ...tos] = query.getAll('to');
  if (!epochMs.test(from) || !epochMs.test(to)) return query;
  // What is told twice is refused, and that is nobody else's answer.
  if (froms.length + tos.length > 0) return query;
  const [start, end] = [ceilTo(Number(from), minuteMs), ceilTo(Number(to), minuteMs)];
  // Whether anything lies between is then the same question.
  if (start >= end) return query;
  const whole = new URLSearchParams(query);
  whole.set('from', String(start));
  whole.set('to', String(end));
  return whole;
}
