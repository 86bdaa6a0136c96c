import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classify } from '../../../../agent/alerts/budgets/classes.ts';
import { filtersOf, matches, valueReader } from '../../../../agent/query/dimensions.ts';
import { budgetOf } from '../../../support/budget-world.ts';
import { identityRow } from '../../../support/memory-reader.ts';

const models = ['openai/gpt-5.4', 'openai/gpt-4.1-mini', 'anthropic/claude-sonnet-4.6'];
const teams = ['search', 'Chat', ''];
const identity = fc.record({ model: fc.constantFrom(...models), team: fc.constantFrom(...teams) });
const patterns = (...all: string[]) =>
  fc.array(fc.constantFrom(...all), { minLength: 1, maxLength: 2 });
const match = fc.record(
  {
    model: patterns(...models, 'openai/*', '*', 'ANTHROPIC/*'),
    team: patterns('search', 'chat', 's*', 'nobody', 'unassigned'),
  },
  { requiredKeys: [] },
);

test('a match lets through the classes of exactly the identities that fit it', () => {
  const rules = [{ kind: 'tag', tag: 'team' }] as const;
  const valueOf = valueReader(rules);
  fc.assert(
    fc.property(fc.array(identity, { maxLength: 12 }), fc.array(match), (given, wanted) => {
      const rows = given.map(({ model, team }, index) =>
        identityRow({ id: index + 1, model, tags: team === '' ? {} : { team } }),
      );
      const budgets = wanted.map((one) => budgetOf({ match: one, forEach: 'team' }));
      const classes = classify(rows, budgets, rules);
      for (const budget of budgets) {
        const places = classes.matching(budget.match).flatMap((one) => classes.members[one] ?? []);
        const plain = rows.flatMap((row, place) =>
          matches(row, filtersOf(budget.match), valueOf) ? place : [],
        );
        expect(places.toSorted((a, b) => a - b)).toEqual(plain);
        const byTeam = classes.byValue(budget.match, 'team');
        expect(byTeam.flatMap((one) => one.classes).toSorted((a, b) => a - b)).toEqual(
          classes.matching(budget.match).toSorted((a, b) => a - b),
        );
        for (const one of byTeam) {
          const values = one.classes.map((own) => classes.value(own, 'team'));
          expect(new Set(values)).toEqual(new Set([one.value]));
        }
        expect(classes.byValue({ ...budget.match }, 'team')).toBe(byTeam);
      }
    }),
  );
});
