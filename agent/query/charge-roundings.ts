import type { DifferenceCharge } from '../core/charge.ts';
import type { NamedTraffic } from '../core/store.ts';
import type { Window } from '../core/time.ts';
import { addRange, isNothing, nothingLeft } from './charge-lines.ts';
import type { ZeptoRange } from './charge-lines.ts';

type Account = Pick<NamedTraffic, 'cloud' | 'account' | 'endpoint'>;

/** Adds up, by account, what rounding left. */
export interface Roundings {
  add(of: Account, rest: ZeptoRange): void;
  /** All that was added since the last time, as charges of the period. */
  take(period: Window): readonly DifferenceCharge[];
}

export function createRoundings(): Roundings {
  let accounts = new Map<string, { readonly of: Account; rest: ZeptoRange }>();
  return {
    add(of, rest) {
      const key = `${of.cloud} ${of.account}`;
      const known = accounts.get(key);
      if (known === undefined) accounts.set(key, { of, rest: addRange(nothingLeft, rest) });
      else known.rest = addRange(known.rest, rest);
    },
    take(period) {
      const charges = [...accounts]
        .filter(([, { rest }]) => !isNothing(rest))
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([, { of, rest }]): DifferenceCharge => {
          const { cloud, account, endpoint } = of;
          return {
            kind: 'rounding',
            period,
            of: { ...nobody, cloud, account, endpoint },
            team: '',
            settled: null,
            invoice: 'none',
            ...rest,
          };
        });
      accounts = new Map();
      return charges;
    },
  };
}

const nobody = {
  region: '',
  resource: '',
  model: '',
  modelVersion: '',
  vendorModel: '',
  deployment: '',
  routing: 'unknown',
  tier: 'unknown',
  family: '',
  tags: {},
} as const;
