import type { Call } from '../faults.ts';
import { jsonAnswer } from '../http.ts';
import type { Answer, Served } from '../http.ts';
import { brokenScripts } from './broken.ts';
import { isObject, withBody } from './json.ts';
import type { JsonObject } from './json.ts';
import { refusalScripts } from './refusals.ts';
import { callsOf } from './script.ts';
import type { FaultScript } from './script.ts';

const calls = ['costs'] as const;

/** Whatever befalls every call of Azure, or every one but that for metrics, befalls this one. */
const commonScripts: readonly FaultScript[] = [...refusalScripts, ...brokenScripts]
  .filter(({ cloud, calls: some }) => cloud === 'azure' && some.length >= callsOf.azure.length - 1)
  .map((script): FaultScript => ({ ...script, calls }));

/** Whose allowance is used up stands in the name of a header, and nowhere else. */
const limitScripts = ['qpu', 'entity', 'tenant', 'clienttype'].map((bucket): FaultScript => {
  const refusal = jsonAnswer(429, { error: { code: '429', message: 'Too many requests.' } });
  const header = `x-ms-ratelimit-microsoft.costmanagement-${bucket}-retry-after`;
  const answer = { ...refusal, headers: { ...refusal.headers, [header]: '90' } };
  return { name: `429 ${bucket}`, cloud: 'azure', calls, deed: { kind: 'answer', answer } };
});

function alter(
  name: string,
  change: (properties: JsonObject, call: Call) => JsonObject,
): FaultScript {
  const altered = (call: Call, answer: Served): Answer =>
    withBody(answer, (body) => {
      const { properties } = body;
      if (!isObject(properties)) return body;
      return { ...body, properties: { ...properties, ...change(properties, call) } };
    });
  return { name, cloud: 'azure', calls, deed: { kind: 'alter', alter: altered } };
}

/** Pages that lead round, of which those behind the first say nothing. */
function looping(name: string, following: (page: number) => number): FaultScript {
  return alter(name, ({ rows }, { url }) => {
    const next = new URL(url, 'http://127.0.0.1');
    const page = Number(next.searchParams.get('page') ?? '0');
    next.searchParams.set('page', String(following(page)));
    return { rows: page > 0 ? [] : rows, nextLink: `${next.pathname}${next.search}` };
  });
}

function rowsOf({ rows }: JsonObject): readonly (readonly unknown[])[] {
  return Array.isArray(rows) ? rows : [];
}

/** Ways of a call for costs to be in trouble, under the names that the other calls' ways have. */
export const costScripts: readonly FaultScript[] = [
  ...commonScripts,
  ...limitScripts,
  looping('repeated page token', () => 1),
  looping('page loop', (page) => (page === 1 ? 2 : 1)),
  looping('pages without end', (page) => page + 1),
  alter('wrong types', (properties) => ({
    rows: rowsOf(properties).map((row) => row.map(String)),
  })),
  alter('a row twice', (properties) => ({
    rows: [...rowsOf(properties), ...rowsOf(properties)],
  })),
  alter('a row short', (properties) => ({ rows: rowsOf(properties).map((row) => row.slice(1)) })),
  alter('a column left out', ({ columns }) => ({
    columns: Array.isArray(columns) ? columns.slice(1) : columns,
  })),
];
