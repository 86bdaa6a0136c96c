import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Ledger } from '../../../agent/core/store.ts';
import { filePrices, places } from '../../support/explain-places.ts';
import { explainLedger } from '../../support/explain-world.ts';
import { pageAgent } from './page-agent.ts';
import type { PageAgent } from './page-agent.ts';
import { tagsOf, textOf, unescaped } from './page-world.ts';

let ledger: Ledger;
let agent: PageAgent;
beforeAll(async () => {
  ledger = await explainLedger(places, filePrices);
  agent = pageAgent(ledger);
});
afterAll(() => ledger.close());

const start = '/?range=24h&group_by=model';
const rowsOf = z.array(z.looseObject({ cost_usd: z.number().nullable() }));

async function pageAt(path: string): Promise<string> {
  const response = await agent.ask(path);
  expect(response.status, path).toBe(200);
  expect(response.headers.get('Content-Type'), path).toContain('text/html');
  return response.text();
}

function linksOf(html: string): readonly string[] {
  return tagsOf(html)
    .filter(({ name }) => name === 'a')
    .map(({ attributes }) => unescaped(attributes.get('href') ?? ''));
}

describe('links', () => {
  it('lead from the overview down to a figure walked back, and none of them leads nowhere', async () => {
    const seen = new Set<string>();
    let next = [start];
    for (let depth = 0; depth < 4; depth += 1) {
      const found: string[] = [];
      for (const path of next.filter((one) => !seen.has(one))) {
        seen.add(path);
        found.push(...(isData(path) ? await noLinks(path) : linksOf(await pageAt(path))));
      }
      next = fewOfEach(
        found.filter((link) => link.startsWith('/')),
        seen,
      );
    }
    const walked = [...seen].filter((path) => path.includes('&at=') || path.includes('?at='));
    expect(walked.some((path) => path.startsWith('/explain'))).toBe(true);
    expect(seen.size).toBeGreaterThan(40);
    expect(agent.errors).toEqual([]);
  }, 120_000);
});

function isData(path: string): boolean {
  return path.startsWith('/api/') || path === '/openapi.json';
}

async function noLinks(path: string): Promise<readonly string[]> {
  expect((await agent.ask(path)).status, path).toBe(200);
  return [];
}

/** Up to three of each path with the same set of parameters: the others are like them. */
function fewOfEach(paths: readonly string[], seen: ReadonlySet<string>): string[] {
  const kinds = new Map<string, string[]>();
  for (const path of new Set(paths)) {
    if (seen.has(path)) continue;
    const url = new URL(path, 'http://127.0.0.1');
    const kind = `${url.pathname} ${[...url.searchParams.keys()].toSorted().join(' ')}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), path].slice(0, 3));
  }
  return [...kinds.values()].flat();
}

describe('figures', () => {
  it('are those of the API call that stands beside them', async () => {
    const html = await pageAt(start);
    const table = /<table class="drivers">[\s\S]*?<\/table>/.exec(html)?.[0] ?? '';
    const lines = (table.match(/<tr>[\s\S]*?<\/tr>/g) ?? []).filter((line) =>
      line.includes('/api/'),
    );
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) {
      const link = linksOf(line).find((path) => path.startsWith('/api/')) ?? '';
      const [row] = rowsOf.parse(await (await agent.ask(link)).json());
      const shown = /title="([\d.e-]+) USD/.exec(line)?.[1];
      expect(shown === undefined ? null : Number(shown), link).toBe(row?.cost_usd);
    }
  });

  it('of a sum are the parts of the figure that led there', async () => {
    const html = await pageAt(start);
    const links = linksOf(html).filter((path) => path.startsWith('/explain?'));
    for (const link of links.slice(0, 6)) {
      const sums = await pageAt(link);
      const api = linksOf(sums).find((path) => path.startsWith('/api/v1/usage')) ?? '';
      const rows = rowsOf.parse(await (await agent.ask(api)).json());
      const all = rows.reduce((sum, row) => sum + (row.cost_usd ?? 0), 0);
      const foot = textOf(/<tfoot>[\s\S]*<\/tfoot>/.exec(sums)?.[0] ?? '');
      const digits = all !== 0 && all < 0.01 ? 1 - Math.floor(Math.log10(all)) : 2;
      expect(foot, link).toContain(`$${all.toFixed(digits)}`);
    }
  });

  it('of a token that sees a part are of that part', async () => {
    const token = { name: 'part', token: { reveal: () => 's3cret' }, scope: 'read' } as const;
    const limited = pageAgent(ledger, { tokens: [{ ...token, match: { cloud: ['azure'] } }] });
    const headers = { Authorization: 'Bearer s3cret' };
    const response = await limited.ask('/?range=24h&group_by=cloud', { headers });
    const text = textOf(await response.text());
    expect(text).toContain('Signed in as part');
    expect(text).toContain('azure');
    expect(text).not.toMatch(/\baws\b/);
  });
});

describe('forms', () => {
  const body = new URLSearchParams({ label: 'alertname=x', hours: '4', by: 'me', comment: 'why' });

  it('do what the API does, and lead to a page that says so', async () => {
    const own = pageAgent(ledger);
    const response = await own.ask('/alerts/silence', { method: 'POST', body });
    expect([response.status, response.headers.get('Location')]).toEqual([
      303,
      '/alerts?done=silence',
    ]);
    const silences = z.array(z.looseObject({ id: z.string(), comment: z.string() }));
    const [kept] = silences.parse(await (await own.ask('/api/v1/silences')).json());
    expect(kept?.comment).toBe('why');
    expect(textOf(await (await own.ask('/alerts?done=silence')).text())).toContain('Kept quiet.');
    const end = new URLSearchParams({ id: kept?.id ?? '' });
    expect((await own.ask('/alerts/unsilence', { method: 'POST', body: end })).status).toBe(303);
  });

  it.each([
    ['/alerts/ack', { fingerprint: 'nobody', by: 'me' }, 'no alert has this fingerprint'],
    ['/alerts/silence', { label: 'a=b', hours: 'ever', by: 'me' }, 'is no number of hours'],
    ['/alerts/silence', { hours: '4', by: 'me' }, 'matchers'],
    ['/alerts/unsilence', { id: 'none' }, 'no silence has this id'],
    ['/alerts/retry', { id: 'none' }, 'no delivery has this id'],
  ])('%s says why not', async (path, fields, why) => {
    const response = await agent.ask(path, { method: 'POST', body: new URLSearchParams(fields) });
    expect(response.status).toBe(400);
    expect(textOf(await response.text())).toContain(why);
  });

  it('are not taken from a page of another site, nor from whoever may only read', async () => {
    const headers = { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' };
    const foreign = await agent.ask('/alerts/silence', { method: 'POST', body, headers });
    expect(foreign.status).toBe(403);
    const token = {
      name: 'r',
      token: { reveal: () => 's3cret' },
      scope: 'read',
      match: {},
    } as const;
    const reading = pageAgent(ledger, { tokens: [token] });
    const bearer = { Authorization: 'Bearer s3cret' };
    const refused = await reading.ask('/alerts/silence', { method: 'POST', body, headers: bearer });
    expect(refused.status).toBe(403);
    expect(await (await reading.ask('/alerts', { headers: bearer })).text()).not.toContain(
      'action="/alerts',
    );
  });
});

describe('files', () => {
  it('have a name that changes with them, are kept for ever and are sent compressed', async () => {
    const html = await pageAt('/');
    const tags = tagsOf(html);
    const paths = tags
      .flatMap(({ attributes }) => [attributes.get('src'), attributes.get('href')])
      .filter((path) => path?.startsWith('/page/') === true);
    expect(paths).toHaveLength(2);
    for (const path of paths) {
      const headers = { 'Accept-Encoding': 'gzip, br' };
      const response = await agent.ask(path ?? '', { headers });
      expect(response.headers.get('Content-Encoding')).toBe('br');
      expect(response.headers.get('Cache-Control')).toContain('immutable');
    }
    expect((await agent.ask('/page/none.js')).status).toBe(404);
    expect((await agent.ask('/page/..%2f..%2fpackage.json')).status).toBe(404);
  });
});
