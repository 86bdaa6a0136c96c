import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import type { Ledger } from '../../../agent/core/store.ts';
import { dayMs, hourMs } from '../../../agent/core/time.ts';
import { Driver } from '../../../exporters/sqlite/driver.ts';
import { openLedger } from '../../../exporters/sqlite/ledger.ts';
import { batchOf, day0, targetOf } from '../../support/ledger-world.ts';
import type { TrueSeries } from '../../support/ledger-world.ts';
import { trackedSample } from '../../support/memory-alerts.ts';

const switches = { openaiInputIncludesCached: true, bedrockInvocations: 'accepted' } as const;
const interpretation = createInterpretation(new Map(), switches);
const world: readonly TrueSeries[] = [
  {
    rowId: 'in',
    dimensions: { ModelId: 'us.openai.gpt-5.6-sol' },
    values: Array<number>(60).fill(1),
  },
];
const hour = { start: day0, end: day0 + hourMs };
const ids = async (ledger: Ledger) => (await ledger.identities()).map(({ id }) => id);

let folder: string;
let ledger: Ledger;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossbill-mark-'));
  ledger = openLedger(join(folder, 'ledger.db'), interpretation, day0);
  const found = { scopes: ['aws'], targets: [targetOf(world)], inventory: [], failures: [] };
  ledger.recordDiscovery('aws', found, day0);
});
afterEach(() => {
  ledger.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the mark of a ledger', () => {
  it.each<[string, () => void]>([
    ['a poll is read in', () => void ledger.commit(batchOf(world, hour, 60, day0 + dayMs))],
    [
      'an alert changes',
      () => ledger.recordStep({ at: day0, alerts: [trackedSample()], events: [], messages: [] }),
    ],
    [
      'another process writes',
      () => {
        const other = new Driver(join(folder, 'ledger.db'));
        other.exec("UPDATE unit SET metric = metric || '!'");
        other.close();
      },
    ],
  ])('is another one once %s', (_, change) => {
    const before = ledger.changeMark();
    change();
    expect(ledger.changeMark()).not.toBe(before);
  });

  it('stays while questions are asked', async () => {
    ledger.commit(batchOf(world, hour, 60, day0 + dayMs));
    const before = ledger.changeMark();
    const identityIds = await ids(ledger);
    for (const grain of ['minute', 'hour', 'day'] as const) {
      const query = { grain, window: hour, bucketMs: 0 };
      await ledger.amounts({ ...query, identityIds });
      await ledger.sums({ ...query, sets: [identityIds] });
      await ledger.latency({ ...query, identityIds });
    }
    await ledger.coverageByTraffic(60);
    await ledger.sources(day0 + dayMs);
    ledger.auditMarks();
    expect(ledger.changeMark()).toBe(before);
  });
});
