import { expect, it } from 'vitest';
import { answerAhead } from '../../../agent/cli/boards-ahead.ts';
import type { SumQuery } from '../../../agent/core/store.ts';
import { minuteMs } from '../../../agent/core/time.ts';
import { explainCost } from '../../../agent/pricing/cost-lines.ts';
import { openLedger } from '../../../exporters/sqlite/ledger.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { batchOf, day0, targetOf } from '../../support/ledger-world.ts';

/** A ledger of so many models, and how often sums of it were asked for. */
function ledgerOf(models: number) {
  const contracts = { openaiInputIncludesCached: true, bedrockInvocations: 'accepted' } as const;
  const ledger = openLedger(':memory:', createInterpretation(new Map(), contracts), day0);
  const world = Array.from({ length: models }, (_, model) => ({
    rowId: 'in',
    dimensions: { ModelId: `us.openai.gpt-5.${model}-sol` },
    values: [1, 2, 3, 4, 5],
  }));
  const targets = [targetOf(world)];
  ledger.recordDiscovery('aws', { scopes: ['aws'], targets, inventory: [], failures: [] }, day0);
  const window = { start: day0, end: day0 + 5 * minuteMs };
  ledger.commit(batchOf(world, window, 60, window.end));
  const asked: string[] = [];
  const watched = {
    ...ledger,
    sumTable: async (query: SumQuery) => {
      asked.push(query.grain);
      return (await ledger.sumTable?.(query)) ?? null;
    },
  };
  return { watched, asked, now: window.end };
}

it.each([
  [499, false],
  [500, true],
])('of %i identities what boards open with is answered ahead: %s', async (models, isAsked) => {
  const { watched, asked, now } = ledgerOf(models);
  expect(await watched.identities()).toHaveLength(models);
  await answerAhead(watched, explainCost, [], now);
  expect(asked.length > 0).toBe(isAsked);
  watched.close();
});
