import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type { ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';

/** The data source that a viewer chose. Only a variable survives provisioning from files. */
export const infinitySource = {
  type: 'yesoreyeram-infinity-datasource',
  uid: '${datasource}',
};

/** A column of an answer: what it is called there, what it is called in the panel, and how it is shown. */
export interface Column {
  readonly selector: string;
  readonly text: string;
  readonly type: 'number' | 'string' | 'timestamp';
  /** Grafana's name of it; absent of texts. */
  readonly unit?: string;
  readonly decimals?: number;
  /** In a table, in pixels; more where its heading is longer. */
  readonly width?: number;
  /** Shares what the other columns leave of a table's width: in one line, or as many as it needs. */
  readonly rest?: 'line' | 'lines';
  /** What is shown in place of the value, as Grafana writes it. */
  readonly mappings?: readonly ValueMapping[];
  /** Where a click on a cell leads. */
  readonly link?: { readonly title: string; readonly url: string };
}

/** A question to the agent's API. */
export interface Ask {
  readonly path: string;
  /** Encoded by Infinity, so this is where variables stand. */
  readonly params?: Readonly<Record<string, string>>;
  /** Every one that the panel uses: a column that is not declared takes its type from the first row. */
  readonly columns: readonly Column[];
  /** `table` unless said; `timeseries` makes a series of every number and value of the texts. */
  readonly format?: 'table' | 'timeseries' | 'dataframe';
  /** Where in a document the rows stand: a plain key, which all of Infinity's parsers read alike. */
  readonly rows?: string;
}

/**
 * A query of Infinity, by its backend parser, which panels, variables, annotations and alerts can all use.
 * https://grafana.com/docs/plugins/yesoreyeram-infinity-datasource/latest/
 */
export function infinityQuery(ask: Ask, refId = 'A') {
  return {
    refId,
    datasource: infinitySource,
    type: 'json',
    parser: 'backend',
    source: 'url',
    format: ask.format ?? 'table',
    root_selector: ask.rows ?? '',
    filters: [],
    url: ask.path,
    url_options: {
      method: 'GET',
      data: '',
      params: Object.entries(ask.params ?? {}).map(([key, value]) => ({ key, value })),
    },
    columns: ask.columns.map(({ selector, text, type }) => ({ selector, text, type })),
  };
}

/** The same for the SDK's builders. */
export function infinity(ask: Ask): Builder<Dataquery> {
  return { build: () => ({ ...infinityQuery(ask), ...isQuery }) };
}

/** What marks a query for TypeScript; JSON leaves it out. */
const isQuery: Dataquery = { _implementsDataqueryVariant() {} };
