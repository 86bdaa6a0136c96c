import { describe, expect, it } from 'vitest';
import type { RouteDeps } from '../../../agent/api/route.ts';
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
