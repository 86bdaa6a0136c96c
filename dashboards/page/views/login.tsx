import { Mark } from '../charts/mark.tsx';

/** The door of an agent that has tokens. It needs no script. */
export function LoginView(props: {
  readonly css: string;
  /** Why the last attempt was refused, as a sentence. */
  readonly failed?: string | undefined;
  /** Where the login leads to: a path of this agent, already checked. */
  readonly next: string;
}) {
  const { css, failed, next } = props;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Log in · Crossbill</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href={css} />
      </head>
      <body>
        <main class="door">
          <h1 class="brand">
            <Mark />
            Crossbill
          </h1>
          {failed !== undefined && (
            <p class="problem" role="alert" id="failed">
              {failed}
            </p>
          )}
          <form method="post" action="/login">
            <input type="hidden" name="next" value={next} />
            <label>
              Token
              <input
                name="token"
                type="password"
                autocomplete="current-password"
                required
                autofocus
                aria-describedby={failed === undefined ? 'hint' : 'failed hint'}
                aria-invalid={failed === undefined ? undefined : 'true'}
              />
            </label>
            <button type="submit">Log in</button>
          </form>
          <p class="quiet small" id="hint">
            One of <code>auth.tokens</code> in crossbill.yaml, of scope read or write.
          </p>
        </main>
      </body>
    </html>
  );
}
