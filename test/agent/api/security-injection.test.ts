import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAlertDesk } from '../../../agent/alerts/alert-desk.ts';
import { actions, routes } from '../../../agent/api/routes.ts';
import type { Ledger } from '../../../agent/core/store.ts';
import { hourMs } from '../../../agent/core/time.ts';
import { focusBytes } from '../../../exporters/focus/focus.ts';
import { Driver } from '../../../exporters/sqlite/driver.ts';
import { memoryAudit } from '../../support/memory-audit.ts';
import { filePrices, places } from '../../support/explain-places.ts';
import { explainLedger, hour0, readAt } from '../../support/explain-world.ts';
import { guardedWorld, secrets } from '../../support/loopback-api.ts';
import type { GuardedWorld } from '../../support/loopback-api.ts';

const hostile = [
  ['a quote', "'"],
  ['a condition that always holds', "' OR '1'='1"],
  ['a second statement', "'; DROP TABLE reading; --"],
  ['another SELECT', "x' UNION SELECT sql FROM sqlite_master --"],
  ['a pattern for LIKE and GLOB', '%_[a-z]?\\'],
  ['a null byte', 'a\0b'],
  ['a line end', 'a\r\nSet-Cookie: stolen=1'],
  ['a script', '<script>alert(1)</script>'],
  ['half a character', '\uD800'],
  ['a prototype', '__proto__'],
  ['much of it', "'".repeat(3_000)],
] as const;

/** Times that are well formed and far out, for parameters that are checked before anything is asked. */
const far = ['-1', '9'.repeat(30), '+275760-09-13T00:00:00Z'];

/** What a route wants before it looks at anything else. */
const needed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '/api/v1/explain': { model: 'openai/gpt-4.1-mini', at: new Date(hour0).toISOString() },
};

let folder: string;
let path: string;
let ledger: Ledger;
let world: GuardedWorld;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crossbill-'));
  path = join(folder, 'ledger.db');
  ledger = await explainLedger(places, filePrices, path);
  const settings = { repeatMs: hourMs, goneMs: hourMs, isConfigured: () => true, publicUrl: null };
  let ids = 0;
  world = guardedWorld(
    {},
    {
      reader: ledger,
      status: ledger,
      bills: ledger,
      audit: memoryAudit,
      book: ledger,
      evidence: ledger,
      filePrices,
      focusWriter: async () => focusBytes,
      outbox: ledger,
      alerts: {
        reader: ledger,
        commands: createAlertDesk({ clock: { now: () => readAt }, ledger, settings }),
        newId: () => `silence-${(ids += 1)}`,
        log: { info: () => undefined },
      },
      clock: { now: () => readAt, sleep: async () => {} },
    },
  );
});
afterAll(() => {
  ledger.close();
  rmSync(folder, { recursive: true });
});

/** Every row of every table, tables included. */
function wholeLedger(): string {
  const db = new Driver(path, { readonly: true });
  try {
    const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all();
    const rows = tables.map((name) => [
      name,
      db
        .prepare(`SELECT * FROM "${String(name)}"`)
        .raw()
        .all(),
    ]);
    return JSON.stringify(rows);
  } finally {
    db.close();
  }
}

const headers = { Authorization: `Bearer ${secrets.write}`, 'Content-Type': 'application/json' };

/** Its status, once it has shown to be well made: a list, a document or a problem, and nothing that came in as a header. */
async function statusOf(target: string, init: { method?: string; body?: string } = {}) {
  const response = await world.api.request(target, { ...init, headers });
  const text = await response.text();
  expect(response.status, `${target} ${text}`).toBeLessThan(500);
  expect(response.headers.get('Set-Cookie')).toBeNull();
  expect(response.headers.get('Content-Type')).not.toMatch(/html/);
  const type = response.headers.get('Content-Type');
  expect(type === 'application/problem+json').toBe(response.status >= 400);
  return response.status;
}

const parametersOf = (route: (typeof routes)[number]) => [
  ...Object.keys(route.params.shape).map((name) => (name === 'tags' ? 'tag_team' : name)),
  'unheard_of',
];

describe('every parameter of every route, with text that means something to somebody', () => {
  it.each(routes.map((route) => [route.path, route] as const))('%s', async (_, route) => {
    const before = wholeLedger();
    const usual = needed[route.path] ?? {};
    const statuses = new Set<number>();
    for (const name of parametersOf(route)) {
      for (const value of [...hostile.map(([, text]) => text), ...far]) {
        const query = new URLSearchParams({ ...usual, [name]: value });
        const named = new URLSearchParams({ [`${name}${value}`]: '1' });
        statuses.add(await statusOf(`${route.path}?${query.toString()}`));
        if (name === 'tag_team') await statusOf(`${route.path}?${named.toString()}`);
      }
    }
    expect(wholeLedger()).toBe(before);
    const isAsked = statuses.has(200) || statuses.has(404);
    expect(isAsked || !('model' in route.params.shape)).toBe(true);
    expect((await world.api.request('/healthz')).status).toBe(200);
  });

  it('finds nothing more than nothing asked: a condition stays a value', async () => {
    for (const name of ['cloud', 'model', 'account', 'team', 'tag_team', 'deployment']) {
      const query = new URLSearchParams({
        [name]: "x' OR '1'='1",
        from: String(readAt - 4 * hourMs),
      });
      const response = await world.api.request(
        `/api/v1/usage?step=total&group_by=model&${query.toString()}`,
        {
          headers,
        },
      );
      const rows: unknown = response.status === 200 ? await response.json() : [];
      expect(rows).toEqual([]);
    }
  });
});

describe('every path and body by which something is changed, with the same', () => {
  it.each(actions.map((action) => [action.method, action.path, action] as const))(
    '%s %s',
    async (method, template) => {
      const before = wholeLedger();
      const at = new Date(readAt + hourMs).toISOString();
      for (const [, text] of hostile) {
        const word = encodeURIComponent(Buffer.from(text).toString());
        const target = template.replaceAll(/\{\w+\}/g, word);
        const bodies = [
          { by: text, note: text },
          { [text]: text },
          { matchers: [{ name: text, value: text }], endsAt: text, comment: text, id: text },
          {
            matchers: [{ name: 'a', value: 'b' }],
            endsAt: at,
            createdBy: text,
            comment: '',
            id: text,
          },
        ];
        for (const body of bodies) {
          const status = await statusOf(target, {
            method: method.toUpperCase(),
            body: JSON.stringify(body),
          });
          expect(status).toBeGreaterThanOrEqual(400);
        }
      }
      expect(wholeLedger()).toBe(before);
    },
  );

  it('keeps a silence as it was written, quotes and all', async () => {
    const comment = "'; DROP TABLE silence; --\r\n\0";
    const endsAt = new Date(readAt + hourMs).toISOString();
    const matchers = [{ name: 'alertname', value: "' OR 1=1 --" }];
    const body = JSON.stringify({ matchers, endsAt, createdBy: 'ada', comment });
    expect(await statusOf('/api/v1/silences', { method: 'POST', body })).toBe(200);
    const kept = await (await world.api.request('/api/v1/silences', { headers })).json();
    expect(kept).toMatchObject([{ comment, matchers }]);
  });

  it('is written down without a secret', () => {
    expect(world.log.lines.length).toBeGreaterThan(0);
    expect(JSON.stringify(world.log.lines)).not.toContain('sesame');
    expect(world.errors).toEqual([]);
  });
});
