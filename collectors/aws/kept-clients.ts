import type { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import type { Access, ClientSettings } from './access.ts';

/** Cost Explorer's package is loaded with the first call, for most sources ask for no bill. */
export function keepingCosts(settings: ClientSettings) {
  const kept = new Map<string, CostExplorerClient>();
  return {
    async of({ access: { account = '', credentials }, region }: ClientPlace) {
      const sdk = await import('@aws-sdk/client-cost-explorer');
      const key = `${account}/${region}`;
      const client =
        kept.get(key) ?? new sdk.CostExplorerClient({ region, credentials, ...settings });
      kept.set(key, client);
      return { client, sdk };
    },
    destroy() {
      for (const client of kept.values()) client.destroy();
      kept.clear();
    },
  };
}

/** One client an access and region. */
export interface ClientPlace {
  readonly access: Access;
  readonly region: string;
}

export interface Kept<Client> {
  of(place: ClientPlace): Client;
  destroy(): void;
}

/** One client an account and region, made when it is first asked for. */
export function keeping<Client extends { destroy(): void }>(
  make: (place: ClientPlace) => Client,
): Kept<Client> {
  const kept = new Map<string, Client>();
  return {
    of(place) {
      const key = `${place.access.account ?? ''}/${place.region}`;
      const client = kept.get(key) ?? make(place);
      kept.set(key, client);
      return client;
    },
    destroy() {
      for (const client of kept.values()) client.destroy();
      kept.clear();
    },
  };
}
