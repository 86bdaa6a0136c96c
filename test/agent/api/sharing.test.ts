import { describe, expect, it } from 'vitest';
import type { Route, RouteDeps } from '../../../agent/api/route.ts';
import { createSharing } from '../../../agent/api/sharing.ts';
import { tagged } from '../../../agent/api/etag.ts';
import { apiWorld } from '../../support/api-world.ts';
import { memoryReader } from '../../support/memory-reader.ts';
import type { MemoryLedger } from '../../support/memory-reader.ts';

const nothing: MemoryLedger = { identities: [], amounts: [], latency: [], coverage: [] };
const asked = '/api/v1/usage?from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z&step=total';
const token = (name: string, account: string) => ({
  name,
  token: { reveal: () => name },
  scope: 'read' as const,
  match: { account: [account] },
});

/** A ledger that answers who asks first when it is told to, and says how often it was asked: a tag more each time. */
function slowWorld() {
  let answered = 0;
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const reader: RouteDeps['reader'] = {
    ...memoryReader(nothing),
    async identities() {
      answered += 1;
      if (answered === 2) throw new Error('the disk is gone');
      await held;
      return [];
    },
  };
  const { api } = apiWorld({ reader, tokens: [token('a', '1'), token('b', '2')] });
  const ask = (who: string, more = '') =>
    api.request(`${asked}${more}`, { headers: { Authorization: `Bearer ${who}` } });
  return { api, ask, release: () => release() };
}

describe('who asks while the same is being answered', () => {
  it('is told the same, where the limits are the same', async () => {
    const { ask, release } = slowWorld();
    const first = ask('a');
    const same = ask('a');
    const other = ask('b');
    release();
    expect((await first).status).toBe(200);
    expect((await same).status).toBe(200);
    expect(await (await same).text()).toBe(await (await first).text());
    // The second one that the ledger heard.
    expect((await other).status).toBe(500);
  });

  it('is told its own where anything else is asked', async () => {
    const { ask, release } = slowWorld();
    const first = ask('a');
    const other = ask('a', '&model=x');
    release();
    expect((await first).status).toBe(200);
    expect((await other).status).toBe(500);
  });

  it.each([
    ['in the same minutes', [1_793_491_200_001, 1_793_577_600_001], 200],
    ['a minute more', [1_793_491_200_001, 1_793_577_660_001], 500],
    ['that is told twice', ['1793491200001&from=1793491200001', 1_793_577_600_001], 400],
    ['nothing between', [1_793_491_200_001, 1_793_491_200_000], 422],
  ])('by epoch milliseconds of a range %s', async (_, [from, to], status) => {
    const { api, release } = slowWorld();
    const ask = (start?: number | string, end?: number | string) =>
      api.request(`/api/v1/usage?step=total&from=${start}&to=${end}`, {
        headers: { Authorization: 'Bearer a' },
      });
    const first = ask(1_793_491_199_999 + 2, 1_793_577_600_999);
    const other = ask(from, to);
    release();
    expect((await first).status).toBe(200);
    expect((await other).status).toBe(status);
  });

  it('asks anew once it is answered, or failed', async () => {
    const { ask, release } = slowWorld();
    release();
    const statuses = [];
    for (let turn = 0; turn < 3; turn += 1) statuses.push((await ask('a')).status);
    expect(statuses).toEqual([200, 500, 200]);
  });
});

describe('an answer that the ledger alone decides', () => {
  /** Asks are answered with how many were made before. */
  function world() {
    let mark = 'a';
    let made = 0;
    const share = createSharing(() => mark);
    const numbered = async (text = '') => ({
      answer: tagged({ number: (made += 1), text }),
      headers: {},
    });
    const ask = async (
      query: string,
      { sharing = 'until-changed', account = '1', make = () => numbered() }: Asked = {},
    ) => {
      const scope = new Map([['account' as const, [account]]]);
      const route = { path: '/api/v1/usage', sharing };
      const told = await share(route, new URLSearchParams(query), { scope }, make);
      return Number(/\d+/.exec(told.answer.text)?.[0]);
    };
    return { ask, numbered, change: () => (mark += 'a') };
  }
  interface Asked {
    readonly sharing?: NonNullable<Route['sharing']>;
    readonly account?: string;
    readonly make?: Parameters<ReturnType<typeof createSharing>>[3];
  }
  const day = 'from=2026-11-01&to=2026-11-02';

  it.each<[string, string, Asked, string, Asked, boolean]>([
    ['the same again', day, {}, day, {}, true],
    [
      'a range of the same minutes',
      'from=1793491200001&to=1793577600001',
      {},
      'from=1793491200002&to=1793577600999',
      {},
      true,
    ],
    [
      'a range a minute later',
      'from=1793491200001&to=1793577600001',
      {},
      'from=1793491200001&to=1793577660001',
      {},
      false,
    ],
    ['another question', day, {}, `${day}&model=x`, {}, false],
    ['the same by who may see another account', day, {}, day, { account: '2' }, false],
    ['a range that ends now', 'from=2026-11-01', {}, 'from=2026-11-01', {}, false],
    ['a range as long as today is', '', {}, '', {}, false],
    [
      'what the clock decides too',
      day,
      { sharing: 'by-minute' },
      day,
      { sharing: 'by-minute' },
      false,
    ],
  ])('to %s: kept or made anew', async (_, first, firstAsked, second, secondAsked, isKept) => {
    const { ask } = world();
    expect(await ask(first, firstAsked)).toBe(1);
    expect(await ask(second, secondAsked)).toBe(isKept ? 1 : 2);
  });

  it('is made anew after a change, and kept from then on', async () => {
    const { ask, change } = world();
    expect(await ask(day)).toBe(1);
    change();
    expect([await ask(day), await ask(day)]).toEqual([2, 2]);
  });

  it('is not kept where the ledger changed while it was made', async () => {
    const { ask, numbered, change } = world();
    const make = () => {
      change();
      return numbered();
    };
    expect(await ask(day, { make })).toBe(1);
    expect(await ask(day)).toBe(2);
  });

  it('is not kept where making it failed', async () => {
    const { ask } = world();
    const failing = () => Promise.reject(new Error('the disk is gone'));
    await expect(ask(day, { make: failing })).rejects.toThrow('the disk is gone');
    expect(await ask(day)).toBe(1);
  });

  it('gives way to newer ones: 200 are kept', async () => {
    const { ask } = world();
    for (let number = 1; number <= 201; number += 1) await ask(`${day}&model=${number}`);
    expect(await ask(`${day}&model=2`)).toBe(2);
    expect(await ask(`${day}&model=1`)).toBe(202);
  });

  it('gives way to newer ones: 4 million characters are kept', async () => {
    const { ask, numbered } = world();
    const make = () => numbered('x'.repeat(1_500_000));
    for (const model of ['a', 'b', 'c']) await ask(`${day}&model=${model}`, { make });
    expect(await ask(`${day}&model=c`)).toBe(3);
    expect(await ask(`${day}&model=a`)).toBe(4);
  });
});
