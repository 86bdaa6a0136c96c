import type { PageActions } from '../../dashboards/page/reader.ts';
import { acknowledgeAlert } from '../api/alerts.ts';
import type { Access } from '../api/auth.ts';
import { retryDelivery } from '../api/deliveries.ts';
import type { RouteDeps } from '../api/route.ts';
import { createSilence, endSilence } from '../api/silences.ts';
import { hourMs, isoUtc } from '../core/time.ts';
import { toldOf } from './page-reader.ts';

/** What forms of the page do: the API's own actions, with their checks. */
export function createPageActions(
  deps: RouteDeps,
  access: Access,
  onError: Parameters<typeof toldOf>[2],
): PageActions {
  const done = (doing: string, act: () => Promise<unknown>) =>
    toldOf(doing, async () => (await act(), doing), onError);
  return {
    acknowledge: (fingerprint, by, note) =>
      done('acknowledge', () =>
        acknowledgeAlert.act(
          { params: { fingerprint }, body: { ...named({ by }), note } },
          access,
          deps,
        ),
      ),
    silence: ({ matchers, hours, by, comment }) =>
      done('silence', () => {
        const endsAt = isoUtc(deps.clock.now() + hours * hourMs);
        const body = { matchers, endsAt, comment, ...named({ createdBy: by }) };
        return createSilence.act({ params: {}, body }, access, deps);
      }),
    endSilence: (id) =>
      done('end a silence', () =>
        endSilence.act({ params: { id }, body: undefined }, access, deps),
      ),
    retryDelivery: (id) =>
      done('send again', () =>
        retryDelivery.act({ params: { id }, body: undefined }, access, deps),
      ),
  };
}

/** Without what was left empty: the API then takes the token's name. */
function named(names: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(names).filter(([, name]) => name !== ''));
}
