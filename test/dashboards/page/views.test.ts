import { beforeAll, describe, expect, it } from 'vitest';
import type { Page } from '../../../dashboards/page/page.tsx';
import type { DeliveryRow, PageReader } from '../../../dashboards/page/reader.ts';
import { budgetSample } from '../../support/budget-sample.ts';
import {
  emptyReader,
  fullReader,
  htmlOf,
  pageNow,
  refusingReader,
  sourceRow,
  tagsOf,
  testPage,
  textOf,
  usageRow,
} from './page-world.ts';

let page: Page;
beforeAll(async () => {
  page = await testPage();
});

const full = fullReader('openai/gpt-5.4');
const paths = [
  '/',
  '/alerts',
  '/sources',
  '/explain',
  '/explain?model=m&at=2026-11-22T13:00:00Z&step=1h',
];

/** A summary that was made until the start of the 23rd. */
function withBill(billedUsd: number): PageReader {
  return {
    ...full,
    async audit() {
      const told = await full.audit();
      if (!told.ok) return told;
      const total = { ...told.value.total, billed_usd: billedUsd };
      return { ok: true, value: { ...told.value, from: '2026-11-01', to: '2026-11-23', total } };
    },
  };
}

async function said(path: string, reader: PageReader): Promise<string> {
  return textOf(await htmlOf(page, path, reader));
}

describe('states of the overview', () => {
  it.each<readonly [string, PageReader, readonly string[]]>([
    [
      'nothing is configured: what to do comes first',
      emptyReader,
      [
        'No source has been read yet',
        'crossbill init',
        'No budgets are configured',
        'amount: 500 USD',
      ],
    ],
    [
      'targets are known and nothing was read: that it comes by itself',
      {
        ...emptyReader,
        sources: async () => ({ ok: true, value: [sourceRow({ state: 'waiting' })] }),
      },
      ['Nothing of this range has been collected yet', 'Known so far: 1 target.'],
    ],
    ['a source fails: why, and what to do', full, ['1 failing', 'denied', 'All sources']],
    [
      'no bill is there: its days, the last one included',
      withBill(0),
      ['no final bill of 1 Nov – 22 Nov UTC is in the ledger'],
    ],
    [
      'a bill is there: its days, the last one included',
      withBill(9),
      ['of $9.00 billed for 1 Nov – 22 Nov UTC'],
    ],
    [
      'everything is there: each of the five questions has its answer',
      full,
      ['$12.35', '10.00 %', '98.0 %', '1 firing', '+23 %', 'from $10.00'],
    ],
    [
      'nothing can be read: each section says so by itself',
      refusingReader('the disk is gone'),
      ['Not shown: the disk is gone', 'could not be read'],
    ],
  ])('%s', async (_name, reader, parts) => {
    const text = await said('/', reader);
    for (const part of parts) expect(text).toContain(part);
  });

  it('takes nothing for zero: what has no price says so and is in no sum', async () => {
    const row = usageRow({ model: 'm', cost_usd: null, cost_low_usd: null, cost_high_usd: null });
    const usage: PageReader['usage'] = async () => ({
      ok: true,
      value: { rows: [row], newest: pageNow },
    });
    const text = await said('/', { ...full, usage });
    expect(text).toContain('no price');
    expect(text).not.toContain('$0.00 ');
  });

  it('shows a range where a cost is one, and that a period before was not wholly read', async () => {
    const row = usageRow({ model: 'm', cost_low_usd: 8, cost_high_usd: 14 });
    const text = await said('/', {
      ...full,
      usage: async () => ({ ok: true, value: { rows: [row], newest: pageNow } }),
      changes: async () => {
        const told = await full.changes(
          { start: 0, end: 1 },
          { start: 0, end: 1 },
          'model',
          new Map(),
        );
        if (!told.ok) return told;
        return { ok: true, value: told.value.map((one) => ({ ...one, covered_before: 0.4 })) };
      },
    });
    expect(text).toContain('$8.00 to $14.00');
    expect(text).toContain('was not wholly read');
  });

  it.each([
    [
      'over and incomplete: a floor that is over is over',
      { state: 'incomplete', ratio: 1.2 },
      '1 over',
    ],
    ['over by the forecast', { state: 'forecast_over', ratio: 0.5 }, '1 at risk'],
    ['on budget', { state: 'ok', ratio: 0.5 }, '1 of 1 on budget'],
  ] as const)('a budget that is %s', async (_name, change, verdict) => {
    const budget = { ...budgetSample(change), filters: undefined };
    const budgets: PageReader['budgets'] = async () => ({ ok: true, value: [budget] });
    expect(await said('/', { ...full, budgets })).toContain(verdict);
  });
});

describe('states of deliveries', () => {
  const delivery = {
    id: 'm1',
    notifier: 'on-call',
    type: 'alert.firing',
    attempts: 3,
    created: '2026-11-23T11:00:00.000Z',
    next_try: null,
    delivered: null,
    last_status: null,
    last_answer: '',
    alerts: 1,
  } as const;

  it.each<readonly [string, Partial<DeliveryRow>, readonly string[], boolean]>([
    [
      'arrived: when, and nothing to send again',
      { state: 'delivered', delivered: '2026-11-23T11:01:00.000Z', last_status: 204 },
      ['on-call', 'firing, 1 alert', '23 Nov 11:01', 'HTTP 204'],
      false,
    ],
    [
      'waits: when it is tried next, and what the other side said',
      { state: 'waiting', next_try: '2026-11-23T12:05:00.000Z', last_answer: 'ECONNREFUSED' },
      ['next 23 Nov 12:05', 'ECONNREFUSED'],
      true,
    ],
    ['was given up: that only a person sends it again', { state: 'dead' }, ['never, unless'], true],
  ])('%s', async (_name, change, parts, canRetry) => {
    const rows = [{ ...delivery, state: 'waiting', ...change } as const];
    const reader: PageReader = {
      ...emptyReader,
      deliveries: async () => ({ ok: true, value: rows }),
    };
    const html = await htmlOf(page, '/alerts', reader);
    for (const part of parts) expect(textOf(html)).toContain(part);
    expect(html.includes('action="/alerts/retry"')).toBe(canRetry);
    const readOnly = await htmlOf(page, '/alerts', reader, {});
    expect(readOnly).not.toContain('action="/alerts/retry"');
  });
});

it('says of a name that is none why it cannot be shown alone', async () => {
  const usage: PageReader['usage'] = async () => ({
    ok: true,
    value: { rows: [usageRow({ team: '' })], newest: pageNow },
  });
  const html = await htmlOf(page, '/?group_by=team', { ...full, usage });
  expect(html).toMatch(/title="[^"]*cannot be shown alone[^"]*">\(none\)/);
});

describe('every view', () => {
  it.each(paths)(
    '%s has a title, landmarks, one first heading, and no heading is skipped',
    async (path) => {
      const tags = tagsOf(await htmlOf(page, path, full)).filter(({ isEnd }) => !isEnd);
      for (const name of ['title', 'main', 'nav', 'header', 'footer']) {
        expect(
          tags.some((tag) => tag.name === name),
          name,
        ).toBe(true);
      }
      const levels = tags.flatMap(({ name }) => (/^h[1-6]$/.test(name) ? [Number(name[1])] : []));
      expect(levels.filter((level) => level === 1)).toHaveLength(1);
      for (const [index, level] of levels.entries()) {
        expect(level).toBeLessThanOrEqual((levels[index - 1] ?? 0) + 1);
      }
    },
  );

  it.each(paths)('%s has a caption for each table and a name for each column', async (path) => {
    const html = await htmlOf(page, path, full);
    const tables = html.match(/<table[\s\S]*?<\/table>/g) ?? [];
    for (const table of tables) {
      expect(table).toMatch(/<caption[^>]*>[^<]+<\/caption>/);
      const heads = table.match(/<th scope="col"[^>]*>([\s\S]*?)<\/th>/g) ?? [];
      for (const head of heads) expect(textOf(head).trim()).not.toBe('');
    }
  });

  it.each(paths)('%s has no script, style or handler in its markup', async (path) => {
    const html = await htmlOf(page, path, full);
    const tags = tagsOf(html);
    expect(tags.map(({ name }) => name)).not.toContain('style');
    const keys = tags.flatMap(({ attributes }) => [...attributes.keys()]);
    expect(keys.filter((key) => key === 'style' || key.startsWith('on'))).toEqual([]);
    const scripts = tags.filter(({ name, isEnd }) => name === 'script' && !isEnd);
    expect(scripts).toHaveLength(1);
    expect(scripts[0]?.attributes.get('src')).toMatch(/^\/page\//);
  });

  it.each(paths)(
    '%s has its ids once, and a place for every label that names one',
    async (path) => {
      const tags = tagsOf(await htmlOf(page, path, full)).filter(({ isEnd }) => !isEnd);
      const ids = tags.flatMap(({ attributes }) => attributes.get('id') ?? []);
      expect(new Set(ids).size).toBe(ids.length);
      const named = tags.flatMap(({ attributes }) => [
        attributes.get('aria-labelledby') ?? [],
        attributes.get('href')?.match(/^#(.+)/)?.[1] ?? [],
      ]);
      expect(ids).toEqual(expect.arrayContaining(named.flat()));
    },
  );

  it.each(paths)('%s tells every number outside of a table with its unit', async (path) => {
    const html = (await htmlOf(page, path, full)).replaceAll(/<table[\s\S]*?<\/table>/g, '');
    const numbers = Array.from(
      html.matchAll(/class="num"[^>]*>([^<]*)<\/span>(?:\s*<\/dd>\s*<dd class="says">)?([^<]*)/g),
    );
    for (const [, number = '', after = ''] of numbers) {
      const unit = /[$%]|–|\b(min|s|h|d|ms|tokens)\b/;
      const isNamed = unit.test(number) || /accepted|tokens/.test(after) || number === '0';
      expect(isNamed, `${number}${after}`).toBe(true);
    }
  });

  it('says of the demo that it is one', async () => {
    const html = await htmlOf(await testPage(true), '/', full);
    expect(html).toContain('Crossbill DEMO</title>');
    expect(textOf(html)).toContain(' DEMO ');
  });

  it('has the theme that was chosen, and no other word', async () => {
    const ask = async (cookie: string) => {
      const request = new Request('http://127.0.0.1/', { headers: { Cookie: cookie } });
      return (await page.answer(request, { reader: full })).text();
    };
    expect(await ask('a=b; crossbill_theme=dark')).toContain('data-theme="dark"');
    expect(await ask('crossbill_theme=%22onload')).not.toContain('data-theme="');
  });

  it('is sent compressed to whoever takes that, and is the same', async () => {
    const headers = { 'Accept-Encoding': 'gzip' };
    const response = await page.answer(new Request('http://127.0.0.1/', { headers }), {
      reader: full,
    });
    expect(response.headers.get('Content-Encoding')).toBe('gzip');
    const stream = response.body?.pipeThrough(new DecompressionStream('gzip'));
    expect(await new Response(stream).text()).toBe(await htmlOf(page, '/', full, {}));
  });

  it('asks for a token in words that say which, and why the last one was refused', async () => {
    const html = String(await page.login({ next: '/alerts?x=1"', failed: 'This is <none>.' }));
    expect(textOf(html)).toContain('This is <none>.');
    expect(html).toContain('value="/alerts?x=1&quot;"');
    expect(tagsOf(html).filter(({ name }) => name === 'script')).toEqual([]);
  });
});
