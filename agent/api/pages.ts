import type { Context } from 'hono';
import type { Access } from './auth.ts';
import type { LoginPage } from './login.ts';

type Answered = Response | Promise<Response>;

/** What people look at: handed in, and mounted behind the same checks as everything else. Each answers GET but for the forms. */
export interface Pages {
  /** By path, for whoever may read; a browser that shows nothing is led to the login. */
  readonly guarded: Readonly<
    Record<string, (c: Context, access: Access, mayWrite: boolean) => Answered>
  >;
  /** What forms are sent to, for whoever may write: each answers POST. Absent: there are no forms. */
  readonly forms?:
    | Readonly<Record<string, (c: Context, access: Access, body: string) => Answered>>
    | undefined;
  /** Files that tell nothing and that the login page needs as well: style, script, icon. */
  readonly open: Readonly<Record<string, (c: Context) => Answered>>;
  /** Absent: a form without style. */
  readonly login?: LoginPage | undefined;
}
