import { expect, it } from 'vitest';
import { dayMs } from '../../../agent/core/time.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { openLedger, openLedgerReader } from '../../../exporters/sqlite/ledger.ts';
import { temporaryFolder } from '../../support/cli-world.ts';
import { batchOf, day0, targetOf } from '../../support/ledger-world.ts';

const interpretation = createInterpretation(new Map(), {
  openaiInputIncludesCached: true,
  bedrockInvocations: 'accepted',
});
const sol = { ModelId: 'openai.gpt-5.6-sol' };
const flex = { ...sol, ServiceTier: 'flex', ResolvedServiceTier: 'flex' };
const series = [
  { rowId: 'in', dimensions: sol, values: [5] },
  { rowId: 'in.tier', dimensions: flex, values: [3] },
  { rowId: 'out', dimensions: { ModelId: 'meta.llama3-1-8b-instruct-v1:0' }, values: [7] },
];

it('tells the contract of every identity that has an input meter, to readers beside it too', async () => {
  const path = `${temporaryFolder()}/ledger.db`;
  const ledger = openLedger(path, interpretation, day0);
  const discovery = { scopes: ['aws'], targets: [targetOf(series)], inventory: [], failures: [] };
  ledger.recordDiscovery('aws', discovery, day0 + dayMs);
  ledger.commit(batchOf(series, { start: day0, end: day0 + dayMs }, 60, day0 + dayMs));
  const identities = await ledger.identities();
  const withInput = identities.filter(({ model }) => model === 'openai/gpt-5.6-sol');
  expect(withInput.map(({ tier }) => tier).toSorted()).toEqual(['flex', 'unknown']);
  const want = new Map(withInput.map(({ id }) => [id, 'input_by_family']));
  expect(await ledger.inputContracts()).toEqual(want);
  const reader = openLedgerReader(path, interpretation);
  expect(await reader.inputContracts()).toEqual(want);
  reader.close();
  ledger.close();
});
