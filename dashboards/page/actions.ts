import type { PageActions, Told } from './reader.ts';

/** Does what a form asks; the answer names what was done, or says why it was not. */
export async function actOn(
  path: string,
  form: URLSearchParams,
  actions: PageActions | undefined,
): Promise<Told<string>> {
  if (actions === undefined) {
    return { ok: false, why: 'what you are signed in with may read only' };
  }
  const text = (name: string) => (form.get(name) ?? '').trim();
  switch (path) {
    case '/alerts/ack':
      return named('ack', await actions.acknowledge(text('fingerprint'), text('by'), text('note')));
    case '/alerts/unsilence':
      return named('unsilence', await actions.endSilence(text('id')));
    case '/alerts/retry':
      return named('retry', await actions.retryDelivery(text('id')));
    case '/alerts/silence': {
      const hours = Number(text('hours'));
      if (!(hours > 0 && hours <= 24 * 365)) {
        return {
          ok: false,
          why: `for how long: ${JSON.stringify(text('hours'))} is no number of hours`,
        };
      }
      const matchers = form.getAll('label').map((pair) => {
        const at = pair.indexOf('=');
        return { name: pair.slice(0, at), value: pair.slice(at + 1) };
      });
      const wish = { matchers, hours, by: text('by'), comment: text('comment') };
      return named('silence', await actions.silence(wish));
    }
    default:
      return { ok: false, why: 'there is no such form' };
  }
}

function named(name: string, done: Told<string>): Told<string> {
  return done.ok ? { ok: true, value: name } : done;
}
