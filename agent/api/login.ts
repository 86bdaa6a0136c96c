import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';

/** What the login page shows. */
export interface LoginView {
  /** Why the last attempt was refused, as a sentence. */
  readonly failed?: string | undefined;
  /** Where the login leads to: a path of this agent, already checked. */
  readonly next: string;
}

/** Makes the page whole, doctype included. It has no script, and its style in a file of this origin. */
export type LoginPage = (view: LoginView) => HtmlEscapedString | Promise<HtmlEscapedString>;

/** A form that needs neither script nor style. */
export const loginPage: LoginPage = ({ failed, next }) =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Log in · Crossbill</title>
      </head>
      <body>
        <main>
          <h1>Crossbill</h1>
          <p>Log in with a token of <code>auth.tokens</code> that has scope read or write.</p>
          ${failed === undefined ? '' : html`<p role="alert" id="failed">${failed}</p>`}
          <form method="post" action="/login">
            <input type="hidden" name="next" value="${next}" />
            <p>
              <label for="token">Token</label><br />
              <input
                id="token"
                name="token"
                type="password"
                autocomplete="current-password"
                required
                autofocus
                spellcheck="false"
                ${failed === undefined ? '' : html`aria-invalid="true" aria-describedby="failed"`}
              />
            </p>
            <p><button type="submit">Log in</button></p>
          </form>
        </main>
      </body>
    </html> `;
