import { gunzipSync } from 'node:zlib';
import type { InfinityTarget } from './board-schema.ts';

/** What a panel is handed. */
export interface Frame {
  readonly fields: readonly Field[];
  /** What went wrong without an error: each makes a panel that shows less than it should. */
  readonly notices: readonly string[];
}

export interface Field {
  readonly name: string;
  readonly type: 'number' | 'string' | 'time';
  readonly labels: Readonly<Record<string, string>>;
  readonly values: readonly (number | string | null)[];
}

export interface Viewer {
  /** What the viewer chose of each variable; several only of one that is multi. */
  readonly variables: Readonly<Record<string, readonly string[]>>;
  readonly from: number;
  readonly to: number;
  /** `$__interval` of the panel. */
  readonly interval: string;
}

type Request = (path: string, init: RequestInit) => Response | Promise<Response>;

/**
 * Asks as the Infinity data source does, and makes of the answer what it does: the browser replaces variables, the backend
 * the macros of time; columns come out by name, a time series is widened only where its rows are in order.
 * https://github.com/grafana/grafana-infinity-datasource at 683f883
 */
export async function runInfinity(
  target: InfinityTarget,
  viewer: Viewer,
  request: Request,
): Promise<Frame> {
  const url = new URL(interpolated(target.url, viewer), 'http://127.0.0.1');
  for (const { key, value } of target.url_options.params) {
    url.searchParams.append(key, interpolated(value, viewer));
  }
  const unresolved = /\$\{?[a-z_]+/i.exec(decodeURIComponent(url.href));
  if (unresolved !== null) throw new Error(`${unresolved[0]} is not replaced in ${url.href}`);
  const answer = await request(`${url.pathname}${url.search}`, {
    headers: { Accept: 'application/json;q=0.9,text/plain', 'Accept-Encoding': 'gzip' },
  });
  const text = await unzipped(answer);
  if (answer.status >= 400) throw new Error(`${answer.status} at ${url.href}: ${text}`);
  if (text === '') throw new Error(`an empty answer at ${url.href}`);
  const rows = rowsIn(JSON.parse(text), target.root_selector);
  const long = longFrame(rows, target.columns);
  return target.format === 'timeseries' && rows.length > 0 ? widened(long) : long;
}

async function unzipped(answer: Response): Promise<string> {
  if (answer.headers.get('Content-Encoding') !== 'gzip') return answer.text();
  return gunzipSync(await answer.arrayBuffer()).toString('utf8');
}

/** As the browser does: `{a,b}` of a list unless a format is named; then as the backend does. */
function interpolated(text: string, { variables, from, to, interval }: Viewer): string {
  const macros: Readonly<Record<string, string>> = {
    __interval: interval,
    __timeFrom: String(from),
    __timeTo: String(to),
  };
  return text.replaceAll(/\$(?:\{(\w+)(?::(\w+))?\}|(\w+))/g, (whole, braced, format, bare) => {
    const name = String(braced ?? bare);
    const chosen = variables[name];
    if (chosen === undefined) return macros[name] ?? whole;
    if (chosen.length === 1) return chosen[0] ?? '';
    return format === 'csv' ? chosen.join(',') : `{${chosen.join(',')}}`;
  });
}

function rowsIn(body: unknown, selector: string): readonly unknown[] {
  const at = selector === '' ? body : keyOf(body, selector);
  return Array.isArray(at) ? at : [at];
}

function keyOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && key in value
    ? value[key as keyof typeof value]
    : undefined;
}

function longFrame(rows: readonly unknown[], columns: InfinityTarget['columns']): Frame {
  const notices: string[] = [];
  if (rows.length === 0) return { fields: [], notices };
  const fields = columns.map(({ selector, text, type }): Field => {
    const values = rows.map((row) => {
      const path = selector.split('.');
      const value = path.reduce<unknown>(keyOf, row);
      if (value === undefined) notices.push(`no column ${selector}`);
      return converted(value, type);
    });
    if (values.some((value) => typeof value === 'number' && Number.isNaN(value))) {
      notices.push(`${selector} is not always a ${type}`);
    }
    return { name: text, type: type === 'timestamp' ? 'time' : type, labels: {}, values };
  });
  return { fields: fields.toSorted((a, b) => (a.name < b.name ? -1 : 1)), notices };
}

function converted(value: unknown, type: InfinityTarget['columns'][number]['type']) {
  if (value === null || value === undefined) return null;
  if (type === 'timestamp') return typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (type === 'number') return typeof value === 'number' ? value : Number.NaN;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A series of every number and every combination of the texts. */
function widened({ fields, notices }: Frame): Frame {
  const times = fields.find(({ type }) => type === 'time')?.values ?? [];
  if (times.length === 0 || times.some((at) => typeof at !== 'number')) {
    return { fields, notices: [...notices, 'no time in every row: it stays long'] };
  }
  if (times.some((at, index) => Number(at) < Number(times[index - 1] ?? 0))) {
    return { fields, notices: [...notices, 'the times fall: it stays long'] };
  }
  const texts = fields.filter(({ type }) => type === 'string');
  const buckets = [...new Set(times.map(Number))];
  const series = new Map<string, { readonly field: Field; readonly values: Map<number, number> }>();
  const found = [...notices];
  times.forEach((at, index) => {
    const labels = Object.fromEntries(
      texts.map(({ name, values }) => [name, String(values[index] ?? '')]),
    );
    for (const field of fields.filter(({ type }) => type === 'number')) {
      const key = JSON.stringify([field.name, labels]);
      const one = series.get(key) ?? { field: { ...field, labels }, values: new Map() };
      series.set(key, one);
      if (one.values.has(Number(at))) found.push(`two rows of ${key} at one time: the last wins`);
      const value = field.values[index] ?? null;
      one.values.set(Number(at), value === null ? Number.NaN : Number(value));
    }
  });
  const time: Field = { name: 'time', type: 'time', labels: {}, values: buckets };
  const wide = [...series.values()].map(({ field, values }) => ({
    ...field,
    values: buckets.map((at) => {
      const value = values.get(at) ?? Number.NaN;
      return Number.isNaN(value) ? null : value;
    }),
  }));
  return { fields: [time, ...wide], notices: found };
}
