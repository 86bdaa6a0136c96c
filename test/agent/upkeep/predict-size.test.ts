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

interface History {
  readonly activeShare: number;
  readonly retention: typeof forEver;
  /** How much of it came by a fill, newest piece first, before the first poll. */
  readonly filledDays: number;
}

const pieceMs = 3 * hourMs;

/** The file's size after a fill and days of polls, of packing, and of ageing where minutes are not kept for ever. */
function realBytes({ activeShare, retention, filledDays }: History): number {
  const world = worldOf(activeShare);
  const path = join(temporaryFolder(), 'crossbill.db');
  const contracts = { openaiInputIncludesCached: true, bedrockInvocations: 'accepted' } as const;
  const ledger = openLedger(path, createInterpretation(new Map(), contracts), day0);
  const targets = [targetOf(world)];
  ledger.recordDiscovery('aws', { scopes: ['aws'], targets, inventory: [], failures: [] }, day0);
  const firstPoll = day0 + filledDays * dayMs;
  for (let end = firstPoll; end > day0; end -= pieceMs) {
    ledger.commit(batchOf(world, { start: end - pieceMs, end }, 60, firstPoll));
  }
  for (let end = firstPoll; end <= day0 + days * dayMs; end += everyMinutes * minuteMs) {
    const window = { start: Math.max(firstPoll, end - everyMinutes * minuteMs), end };
    if (window.start < end) ledger.commit(batchOf(world, window, 60, end));
    if ((end - day0) % hourMs !== 0) continue;
    while (ledger.age(end, retention).more);
    while (ledger.packHours(end));
  }
  ledger.close();
  return statSync(path).size;
}

describe('the size of a ledger of 60 series over 3 days', () => {
  const polled: History = { activeShare: 1, retention: forEver, filledDays: 0 };
  const aDay = { ...forEver, minuteSeconds: 86_400 };
  it.each<[string, number, History]>([
    ['every minute busy', 30, polled],
    ['a third of the minutes busy', 30, { ...polled, activeShare: 1 / 3 }],
    ['minutes kept for a day', 30, { ...polled, retention: aDay }],
    ['all of it filled, newest first', 15, { ...polled, filledDays: 3 }],
    ['two days of it filled', 15, { ...polled, filledDays: 2 }],
    [
      'a filled day whose minutes polls replaced',
      15,
      { ...polled, filledDays: 1, retention: aDay },
    ],
  ])('is foretold with %s, within %i percent', (_, percent, history) => {
    const { activeShare, ...span } = history;
    const foretold = predictLedgerBytes(shapeOf(activeShare), { ...span, days });
    const ratio = foretold / realBytes(history);
    expect(ratio).toBeGreaterThan(1 - percent / 100);
    expect(ratio).toBeLessThan(1 + percent / 100);
  });
});

describe('a prediction', () => {
  const anyShare = fc.double({ min: 0, max: 1, noNaN: true });
  const anyDays = fc.integer({ min: 0, max: 2_000 });

  it('grows with history and activity, and is at most what keeping everything takes', () => {
    const kept = { minuteSeconds: 15 * 86_400, hourSeconds: 400 * 86_400, daySeconds: Infinity };
    fc.assert(
      fc.property(anyShare, anyShare, anyDays, anyDays, anyDays, (a, b, m, n, filledDays) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)].map(shapeOf);
        const [early, late] = [Math.min(m, n), Math.max(m, n)];
        const bytes = (shape: LedgerShape, age: number, retention = kept) =>
          predictLedgerBytes(shape, { retention, days: age, filledDays });
        if (less === undefined || more === undefined) return;
        expect(bytes(less, early)).toBeLessThanOrEqual(bytes(more, late));
        expect(bytes(more, late)).toBeLessThanOrEqual(bytes(more, late, forEver) + 1);
        expect(bytes(less, early)).toBeGreaterThan(0);
      }),
    );
  });
});
