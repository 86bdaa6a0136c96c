import { expect, it } from 'vitest';
import { dayMs } from '../../../agent/core/time.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { openLedger, openLedgerReader } from '../../../exporters/sqlite/ledger.ts';
import { batchOf, day0, targetOf } from '../../support/ledger-world.ts';
import { temporaryFolder } from '../../support/cli-world.ts';

const interpretation = createInterpretation(new Map(), {
  openaiInputIncludesCached: true,
  bedrockInvocations: 'accepted',
});
const call = {
  source: 'aws',
  scope: 'aws/111122223333/us-east-1/AWS/Bedrock',
  operation: 'cloudwatch:GetMetricData',
  costNanoUsd: 9_007_199_254_740_993n,
  metrics: 7,
};

it('adds calls up by day, source, scope and operation, exactly, and tells them to readers beside it', async () => {
  const path = `${temporaryFolder()}/ledger.db`;
  const ledger = openLedger(path, interpretation, day0);
  ledger.recordApiCall({ ...call, at: day0 });
  ledger.recordApiCall({ ...call, at: day0 + dayMs - 1 });
  ledger.recordApiCall({ ...call, at: day0 + dayMs });
  ledger.recordApiCall({ ...call, operation: 'sts:AssumeRole', costNanoUsd: 0n, at: day0 });
  ledger.recordApiCall({ ...call, source: 'other', at: day0 });
  expect(ledger.apiSpent('aws', day0 + 5)).toBe(2n * call.costNanoUsd);
  expect(ledger.apiSpent('aws', day0 + dayMs)).toBe(call.costNanoUsd);
  expect(ledger.apiSpent('aws', day0 - 1)).toBe(0n);
  const reader = openLedgerReader(path, interpretation);
  const row = { source: 'aws', scope: call.scope };
  expect(await reader.apiCalls(day0)).toEqual([
    {
      ...row,
      operation: call.operation,
      calls: 2,
      metrics: 14,
      costNanoUsd: 2n * call.costNanoUsd,
    },
    { ...row, operation: 'sts:AssumeRole', calls: 1, metrics: 7, costNanoUsd: 0n },
    {
      ...row,
      source: 'other',
      operation: call.operation,
      calls: 1,
      metrics: 7,
      costNanoUsd: call.costNanoUsd,
    },
  ]);
  reader.close();
  ledger.close();
});

it('a commit puts nothing on the bill: what was called stands there already', async () => {
  const ledger = openLedger(':memory:', interpretation, day0);
  const world = [{ rowId: 'in', dimensions: { ModelId: 'm' }, values: [1, 2, 3] }];
  const target = targetOf(world);
  const scopes = ['aws'];
  ledger.recordDiscovery('aws', { scopes, targets: [target], inventory: [], failures: [] }, day0);
  ledger.commit(batchOf(world, { start: day0, end: day0 + 180_000 }, 60, day0 + dayMs));
  expect(await ledger.apiCalls(day0 + dayMs)).toEqual([]);
  ledger.close();
});

it('remembers pace and last re-read of a target, also over a listing', async () => {
  const ledger = openLedger(':memory:', interpretation, day0);
  const target = targetOf([{ rowId: 'in', dimensions: { ModelId: 'm' }, values: [] }]);
  const list = () =>
    ledger.recordDiscovery(
      'aws',
      { scopes: ['aws'], targets: [target], inventory: [], failures: [] },
      day0,
    );
  list();
  expect(ledger.rereadAt(target.id)).toBeUndefined();
  ledger.recordReread(target.id, day0 + 1);
  ledger.recordPace(target.id, 600, 'read every 10 min');
  list();
  expect(ledger.rereadAt(target.id)).toBe(day0 + 1);
  expect(await ledger.sources(day0)).toMatchObject([
    { cadenceSeconds: 600, slowed: 'read every 10 min' },
  ]);
  ledger.recordPace(target.id, 300, null);
  expect(await ledger.sources(day0)).toMatchObject([{ cadenceSeconds: 300, slowed: null }]);
  ledger.close();
});
