import { statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { predictLedgerBytes } from '../../../agent/upkeep/predict-size.ts';
import type { LedgerShape } from '../../../agent/upkeep/predict-size.ts';
import { openLedger } from '../../../exporters/sqlite/ledger.ts';
import { temporaryFolder } from '../../support/cli-world.ts';
import { batchOf, day0, targetOf } from '../../support/ledger-world.ts';
import type { TrueSeries } from '../../support/ledger-world.ts';

vi.setConfig({ testTimeout: 120_000 });

const models = 12;
const meters = ['in', 'out', 'read', 'write', 'req'];
const days = 3;
const everyMinutes = 60;
const forEver = { minuteSeconds: Infinity, hourSeconds: Infinity, daySeconds: Infinity };

/** 60 counters that report in the share of the minutes. */
function worldOf(activeShare: number): readonly TrueSeries[] {
  return Array.from({ length: models }, (_, model) =>
    meters.map((rowId, meter) => ({
      rowId,
      dimensions: { ModelId: `us.openai.gpt-5.${model}-sol` },
      values: Array.from({ length: days * 1_440 }, (_unused, minute) => {
        const mixed = Math.imul(model * 7_919 + meter * 104_729 + minute, 2_654_435_761) >>> 8;
        const active = (minute * 0.618_034) % 1 < activeShare;
        return active ? 1 + (mixed % 90_000) + (rowId === 'in' ? 200_000 : 0) : 0;
      }),
    })),
  ).flat();
}

function shapeOf(activeShare: number): LedgerShape {
  const count = models * meters.length;
  return {
    targets: 1,
    units: count,
    series: [{ count, statistics: 1, activeShare, latency: false }],
    traffics: models,
    identities: models,
    usageShare: activeShare,
    everySeconds: everyMinutes * 60,
  };
}

/** The file's size after days of polls, and of ageing where minutes are not kept for ever. */
function realBytes(activeShare: number, retention: typeof forEver): number {
  const world = worldOf(activeShare);
  const path = join(temporaryFolder(), 'crossbill.db');
  const contracts = { openaiInputIncludesCached: true, bedrockInvocations: 'accepted' } as const;
  const ledger = openLedger(path, createInterpretation(new Map(), contracts), day0);
  const targets = [targetOf(world)];
  ledger.recordDiscovery('aws', { scopes: ['aws'], targets, inventory: [], failures: [] }, day0);
  for (let end = day0; end <= day0 + days * dayMs; end += everyMinutes * minuteMs) {
    const window = { start: Math.max(day0, end - everyMinutes * minuteMs), end };
    if (window.start < end) ledger.commit(batchOf(world, window, 60, end));
    if ((end - day0) % hourMs === 0) while (ledger.age(end, retention).more);
  }
  ledger.close();
  return statSync(path).size;
}

describe('the size of a ledger of 60 series over 3 days', () => {
  it.each<[string, number, typeof forEver]>([
    ['every minute busy', 1, forEver],
    ['a third of the minutes busy', 1 / 3, forEver],
    ['minutes kept for a day', 1, { ...forEver, minuteSeconds: 86_400 }],
  ])('is foretold within 30 percent with %s', (_, activeShare, retention) => {
    const real = realBytes(activeShare, retention);
    const foretold = predictLedgerBytes(shapeOf(activeShare), { retention, days });
    expect(foretold / real).toBeGreaterThan(0.7);
    expect(foretold / real).toBeLessThan(1.3);
  });
});

describe('a prediction', () => {
  const anyShare = fc.double({ min: 0, max: 1, noNaN: true });
  const anyDays = fc.integer({ min: 0, max: 2_000 });

  it('grows with history and activity, and is at most what keeping everything takes', () => {
    const kept = { minuteSeconds: 15 * 86_400, hourSeconds: 400 * 86_400, daySeconds: Infinity };
    fc.assert(
      fc.property(anyShare, anyShare, anyDays, anyDays, (a, b, m, n) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)].map(shapeOf);
        const [early, late] = [Math.min(m, n), Math.max(m, n)];
        const bytes = (shape: LedgerShape, age: number, retention = kept) =>
          predictLedgerBytes(shape, { retention, days: age });
        if (less === undefined || more === undefined) return;
        expect(bytes(less, early)).toBeLessThanOrEqual(bytes(more, late));
        expect(bytes(more, late)).toBeLessThanOrEqual(bytes(more, late, forEver) + 1);
        expect(bytes(less, early)).toBeGreaterThan(0);
      }),
    );
  });
});
