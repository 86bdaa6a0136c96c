import { ceilTo, minuteMs } from '../core/time.ts';
import type { Access } from './auth.ts';
import type { Route } from './route.ts';
import type { TaggedAnswer } from './etag.ts';

interface Made {
  readonly answer: TaggedAnswer;
  readonly headers: Readonly<Record<string, string>>;
}

type Share = (
  route: Pick<Route, 'path' | 'sharing'>,
  query: URLSearchParams,
  access: Pick<Access, 'scope'>,
  make: () => Promise<Made>,
) => Promise<Made>;

/** What answers may be kept, in all: some boards' worth, and what an agent can spare. */
const mostAnswers = 200;
const mostCharacters = 4_000_000;

/**
 * Answers that are being made: who asks the same meanwhile, within the same limits, waits for the same one, for the panels of a
 * board and the people before it mostly ask alike. An answer that the ledger alone decides is kept until `changeMark` is
 * another, the oldest given up first where there are too many; any other is made anew for whoever asks once it is made.
 */
export function createSharing(changeMark?: () => string): Share {
  const making = new Map<string, Promise<Made>>();
  const kept = createKept(changeMark);
  return async ({ path, sharing }, query, { scope }, make) => {
    const asked = sharing === 'exactly' ? query : byMinute(query);
    const key = JSON.stringify([path, asked.toString(), [...scope]]);
    const isKept = sharing === 'until-changed' && query.has('from') && query.has('to');
    const known = (isKept ? kept.get(key) : undefined) ?? making.get(key);
    if (known !== undefined) return known;
    const made = (isKept ? kept.keeping(key, make) : make()).finally(() => making.delete(key));
    making.set(key, made);
    return made;
  };
}

function createKept(changeMark: (() => string) | undefined) {
  const answers = new Map<string, Made>();
  let characters = 0;
  let mark = '';
  function look(): string | undefined {
    const now = changeMark?.();
    if (now === mark || now === undefined) return now;
    answers.clear();
    characters = 0;
    mark = now;
    return now;
  }
  function keep(key: string, made: Made): void {
    answers.set(key, made);
    characters += made.answer.text.length;
    for (const [oldest, { answer }] of answers) {
      if (answers.size <= mostAnswers && characters <= mostCharacters) return;
      answers.delete(oldest);
      characters -= answer.text.length;
    }
  }
  return {
    get(key: string): Made | undefined {
      look();
      return answers.get(key);
    },
    async keeping(key: string, make: () => Promise<Made>): Promise<Made> {
      const before = look();
      const made = await make();
      // What changed while it was made may be in it by half.
      if (before !== undefined && before === look()) keep(key, made);
      return made;
    },
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
