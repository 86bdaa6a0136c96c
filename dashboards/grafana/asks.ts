import type { Ask, Column } from './infinity.ts';
import { dimensionVariable, sourceVariable } from './variables.ts';

/** The range of the panel, whatever moves it. */
export const range = { from: '${__timeFrom}', to: '${__timeTo}' };

/** What the viewer chose. A list that is not written as csv would come as {a,b}. */
const filters = {
  cloud: '${cloud:csv}',
  account: '${account:csv}',
  model: '${model:csv}',
  team: '${team:csv}',
};

/** The variables that `filters` speaks of. */
export const filterVariables = () => [
  sourceVariable('yesoreyeram-infinity-datasource'),
  dimensionVariable('cloud', 'Cloud'),
  dimensionVariable('account', 'Account'),
  dimensionVariable('model', 'Model'),
  dimensionVariable('team', 'Team'),
];

interface Cut {
  /** `1d` for days, `total` for the whole range in one row, `$__interval` for what fits the width. */
  readonly step: string;
  readonly groupBy?: string;
  /** What rows hold beside time and group; everything if absent. Panels that say the same share an answer. */
  readonly only?: readonly Column[];
}

/** What was used, by the viewer's filters. */
export function usage(columns: readonly Column[], { step, groupBy, only }: Cut): Ask {
  const ask = filtered('/api/v1/usage', columns, step, groupBy);
  return only === undefined ? ask : holding(ask, only);
}

/** The same question, of rows that hold these beside time and group and nothing else, which is less to make and to send. */
export function holding(ask: Ask, only: readonly Column[]): Ask {
  const names = only.map(({ selector }) => selector).join(',');
  return { ...ask, params: { ...ask.params, columns: names } };
}

/** What was provisioned, by the viewer's filters. */
export function capacity(columns: readonly Column[]): Ask {
  return filtered('/api/v1/capacity', columns, 'total', undefined);
}

/** What caching saved over the whole range, by the viewer's filters. */
export function caching(columns: readonly Column[], groupBy?: string): Ask {
  return filtered('/api/v1/caching', columns, 'total', groupBy);
}

/** The last seven whole days against the seven before, whatever the range, by the viewer's filters. */
export function changes(columns: readonly Column[], groupBy: string): Ask {
  return { path: '/api/v1/changes', params: { group_by: groupBy, ...filters }, columns };
}

function filtered(
  path: string,
  columns: readonly Column[],
  step: string,
  groupBy: string | undefined,
): Ask {
  const group = groupBy === undefined ? {} : { group_by: groupBy };
  return { path, params: { ...range, step, ...group, ...filters }, columns };
}
