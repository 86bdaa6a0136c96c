import type { ApiDeps } from '../api/api.ts';
import type { Pages } from '../api/pages.ts';
import { ProblemError } from '../api/problem.ts';
import type { Config } from '../config/schema.ts';
import { lazily } from './lazily.ts';
import type { Platform } from './platform.ts';

const views = ['/', '/alerts', '/sources', '/explain'] as const;
const forms = ['/alerts/ack', '/alerts/silence', '/alerts/unsilence', '/alerts/retry'] as const;

/** The page as the API mounts it; it is loaded when somebody first looks, so that no start waits for it. */
export function mountPage(
  { page: load, version }: Pick<Platform, 'page' | 'version'>,
  budgets: Config['budgets'],
  deps: () => ApiDeps,
): Pages {
  const page = lazily(async () => {
    const { clock, demo } = deps();
    return load({ now: () => clock.now(), demo, version });
  });
  const visits = lazily(async () => (await import('./page-visits.ts')).createVisits(budgets, deps));
  return {
    guarded: byPath(views, () => async (c, access, mayWrite) => {
      const [shown, visitOf] = await Promise.all([page(), visits()]);
      return shown.answer(c.req.raw, visitOf(access, mayWrite));
    }),
    forms: byPath(forms, (path) => async (c, access, body) => {
      const [shown, visitOf] = await Promise.all([page(), visits()]);
      return shown.act(c.req.raw, path, body, visitOf(access, true));
    }),
    login: async (view) => (await page()).login(view),
    open: {
      async '/page/{file}'(c) {
        const found = (await page()).asset(c.req.raw);
        if (found !== undefined) return found;
        throw new ProblemError('not-found', 'no such file of the page; load the page again');
      },
    },
  };
}

function byPath<Answer>(
  paths: readonly string[],
  answer: (path: string) => Answer,
): Readonly<Record<string, Answer>> {
  return Object.fromEntries(paths.map((path) => [path, answer(path)]));
}
