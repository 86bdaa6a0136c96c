import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import { words } from './columns.ts';
import { infinityQuery, infinitySource } from './infinity.ts';

/** What a viewer has chosen who has not chosen yet; without it Grafana takes the first value. */
export const all = { selected: true, text: ['All'], value: ['$__all'] };

/** Which data source the board asks: any of the type. */
export function sourceVariable(type: string): Builder<VariableModel> {
  return new DatasourceVariableBuilder('datasource').label('Data source').type(type);
}

/** What used anything in the range, by a dimension; all of it unless the viewer chooses. */
export function dimensionVariable(
  name: 'cloud' | 'account' | 'model' | 'team',
  label: string,
): Builder<VariableModel> {
  return valuesOf(name, label).multi(true).includeAll(true).allValue('*').current(all);
}

/** One model at a time. */
export function oneModelVariable(): Builder<VariableModel> {
  return valuesOf('model', 'Model').multi(false).includeAll(false);
}

/** Budgets as they are configured. */
export function budgetVariable(): Builder<VariableModel> {
  return queried('budget', 'Budget', '/api/v1/budgets', {})
    .multi(true)
    .includeAll(true)
    .allValue('*')
    .current(all);
}

function valuesOf(name: string, label: string): QueryVariableBuilder {
  return queried(name, label, '/api/v1/usage', {
    from: '${__timeFrom}',
    to: '${__timeTo}',
    step: 'total',
    group_by: name,
    // Rows hold one figure at least, though only their names are wanted.
    columns: 'output_tokens',
  });
}

/** A single column is both what is shown and what is sent. */
function queried(
  name: string,
  label: string,
  path: string,
  params: Readonly<Record<string, string>>,
): QueryVariableBuilder {
  const ask = { path, params, columns: [words(name, name)] };
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(infinitySource)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .query({ queryType: 'infinity', refId: 'variable', infinityQuery: infinityQuery(ask) });
}
