import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LatencyRow } from '../../../agent/core/store.ts';
import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { openDatabase } from '../../../exporters/sqlite/database.ts';
import { loadIdentities } from '../../../exporters/sqlite/identities.ts';
import { openLatencyHours } from '../../../exporters/sqlite/latency-hours.ts';
import { mergeLatency } from '../../../exporters/sqlite/latency.ts';
import type { LatencyPoint } from '../../../exporters/sqlite/latency.ts';
import { loadRegistry } from '../../../exporters/sqlite/registry.ts';

const start = Date.UTC(2026, 10, 10);
const some = (most: number) => fc.option(fc.integer({ min: 1, max: most }), { nil: null });

const anyPoint: fc.Arbitrary<LatencyPoint> = fc.record({
  identityId: fc.integer({ min: 1, max: 12 }),
  phase: fc.constantFrom<LatencyRow['phase']>('request', 'first_token'),
  minute: fc.nat(60).map((hour) => start / minuteMs + hour * 60),
  count: some(50),
  weight: fc.integer({ min: 1, max: 50 }),
  avgMs: some(900),
  minMs: some(100),
  maxMs: some(5_000),
  p90Ms: some(3_000),
});
const alike = (a: LatencyPoint, b: LatencyPoint) =>
  a.identityId === b.identityId && a.phase === b.phase && a.minute === b.minute;

it('adds hours up as one merges points in the order of the table', async () => {
  const db = openDatabase(':memory:', 'write');
  const interpretation = createInterpretation(new Map(), {
    openaiInputIncludesCached: true,
    bedrockInvocations: 'accepted',
  });
  const named = loadIdentities(db, loadRegistry(db), interpretation);
  const identities = () => named;
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(anyPoint, { maxLength: 60, comparator: alike }),
      fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 8 }),
      fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 40 })),
      fc.constantFrom(0, hourMs, dayMs),
      async (points, identityIds, [from, hours], bucketMs) => {
        db.exec('DELETE FROM latency_hour');
        const put = db.prepare('INSERT INTO latency_hour VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
        for (const one of points) {
          const weighted = one.avgMs === null ? null : one.avgMs * one.weight;
          const { identityId, phase, minute, count, weight, minMs, maxMs, p90Ms } = one;
          put.run(identityId, phase, minute, count, weight, weighted, minMs, maxMs, p90Ms);
        }
        const window = { start: start + from * hourMs, end: start + (from + hours) * hourMs };
        const wanted = points
          .filter(({ identityId, minute }) => {
            const at = minute * minuteMs;
            return identityIds.includes(identityId) && at >= window.start && at < window.end;
          })
          .toSorted(
            (a, b) =>
              a.identityId - b.identityId ||
              (a.phase === b.phase ? a.minute - b.minute : a.phase < b.phase ? -1 : 1),
          );
        const memory = openLatencyHours({ db, identities });
        // The second time nothing is read.
        for (const _ of ['read', 'kept']) {
          expect(await memory.latency({ identityIds, window, bucketMs })).toEqual(
            mergeLatency(wanted, bucketMs / minuteMs).map(({ minute, ...figures }) => ({
              ...figures,
              bucket: bucketMs === 0 ? window.start : minute * minuteMs,
            })),
          );
        }
      },
    ),
  );
  db.close();
});
