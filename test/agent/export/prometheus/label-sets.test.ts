import fc from 'fast-check';
import { expect, test } from 'vitest';
import { labelSets } from '../../../../agent/export/prometheus/label-sets.ts';

const labelsOf = (member: { readonly model: string }) => ({ model: member.model });
const members = fc.array(
  fc.record({ model: fc.constantFrom('a', 'b', 'c', 'd', 'e'), tokens: fc.nat(100) }),
  { maxLength: 20 },
);

test('members that share their labels are one set, and nothing is lost by folding', () => {
  fc.assert(
    fc.property(members, fc.integer({ min: 1, max: 6 }), (all, most) => {
      const { sets, folded } = labelSets(all, labelsOf, most);
      const distinct = new Set(all.map(({ model }) => model)).size;
      expect(folded).toBe(Math.max(0, distinct - most));
      expect(sets.length).toBe(Math.min(distinct, most) + (folded > 0 ? 1 : 0));
      expect(sets.flatMap((set) => set.members).toSorted(byAll)).toEqual(all.toSorted(byAll));
      expect(new Set(sets.map(({ labels }) => labels['model'])).size).toBe(sets.length);
    }),
  );
});

test('no set falls when members grow and new ones come last', () => {
  fc.assert(
    fc.property(members, members, fc.integer({ min: 1, max: 4 }), (first, more, most) => {
      const sumsOf = (all: typeof first) =>
        new Map(
          labelSets(all, labelsOf, most).sets.map(({ labels, members: of }) => [
            labels['model'],
            of.reduce((sum, { tokens }) => sum + tokens, 0),
          ]),
        );
      const before = sumsOf(first);
      const after = sumsOf([...first, ...more]);
      for (const [model, sum] of before) expect(after.get(model)).toBeGreaterThanOrEqual(sum);
    }),
  );
});

function byAll(a: { model: string; tokens: number }, b: typeof a): number {
  return a.model.localeCompare(b.model) || a.tokens - b.tokens;
}
