import fc from 'fast-check';
import { expect, test } from 'vitest';
import { markRead } from '../../../exporters/sqlite/coverage.ts';

const reads = fc.array(
  fc
    .record({ start: fc.nat(40), length: fc.integer({ min: 1, max: 20 }), settled: fc.nat(20) })
    .map(({ start, length, settled }) => ({
      read: { start, end: start + length },
      settledEnd: start + Math.min(settled, length),
    })),
  { maxLength: 12 },
);

type Spans = ReturnType<typeof markRead>;

test('after any reads the spans say of every period whether it was read, and whether it ever settled', () => {
  fc.assert(
    fc.property(reads, (all) => {
      let spans: Spans = [];
      const read = new Set<number>();
      const settled = new Set<number>();
      for (const one of all) {
        spans = markRead(spans, one.read, one.settledEnd);
        for (let at = one.read.start; at < one.read.end; at += 1) {
          read.add(at);
          if (at < one.settledEnd) settled.add(at);
        }
      }
      for (let at = 0; at < 70; at += 1) {
        const holding = spans.filter((span) => span.start <= at && at < span.end);
        expect(holding.length).toBe(read.has(at) ? 1 : 0);
        expect(holding[0]?.settled ?? false).toBe(settled.has(at));
      }
    }),
  );
});

test('spans stay few: neighbours of one state are one span, in order', () => {
  fc.assert(
    fc.property(reads, (all) => {
      const spans = all.reduce<Spans>(
        (before, { read, settledEnd }) => markRead(before, read, settledEnd),
        [],
      );
      for (const [i, span] of spans.entries()) {
        const next = spans[i + 1];
        expect(span.start).toBeLessThan(span.end);
        if (next === undefined) continue;
        expect(span.end).toBeLessThanOrEqual(next.start);
        expect(span.end === next.start && span.settled === next.settled).toBe(false);
      }
    }),
  );
});
