import fc from 'fast-check';
import { expect, test } from 'vitest';
import { partsOf, together } from '../../../exporters/sqlite/sum-parts.ts';

test('groups of parts are all parts in their order, and no two of a group have more room than there is', () => {
  const spans = fc.record({ start: fc.nat(5_000), hours: fc.integer({ min: 1, max: 500 }) });
  fc.assert(
    fc.property(spans, fc.integer({ min: 1, max: 200 }), ({ start, hours }, most) => {
      const parts = partsOf('hour', start * 60, (start + hours) * 60, 60);
      const groups = together(parts, most);
      expect(groups.flat()).toEqual(parts);
      for (const group of groups) {
        const periods = group.reduce((sum, part) => sum + (part.end - part.start) / part.step, 0);
        expect(group.length === 1 || periods <= most).toBe(true);
      }
    }),
  );
});
