import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Dimension } from '../../../agent/core/dimension.ts';
import type { IdentityRow } from '../../../agent/core/store.ts';
import { dayMs, hourMs } from '../../../agent/core/time.ts';
import type { TeamRule } from '../../../agent/query/dimensions.ts';
import { select } from '../../../agent/query/groups.ts';
import type { Selection } from '../../../agent/query/groups.ts';
import type { Step } from '../../../agent/query/step.ts';
import { identityRow } from '../../support/memory-reader.ts';

const noon = Date.UTC(2026, 10, 23, 12);
const hour = fc.integer({ min: -6, max: 6 }).map((hours) => noon + hours * hourMs);

const identities = fc
  .array(
    fc.record({
      model: fc.constantFrom('a', 'b', 'c'),
      account: fc.constantFrom('1', '2'),
      from: fc.oneof(fc.constant(0), hour),
      to: fc.oneof(fc.constant(noon + dayMs), hour),
    }),
    { maxLength: 12 },
  )
  .map((all) => all.map((one, id) => identityRow({ id, ...one })));

const noTeams: readonly TeamRule[] = [];
const oneTeam: readonly TeamRule[] = [{ kind: 'named', name: 'one', match: { account: ['1'] } }];
const filters = fc.constantFrom(
  new Map<Dimension, readonly string[]>(),
  new Map<Dimension, readonly string[]>([['model', ['a', 'b']]]),
  new Map<Dimension, readonly string[]>([['team', ['one']]]),
);

const selections: fc.Arbitrary<readonly Selection[]> = fc.array(
  fc.record({
    from: hour,
    to: hour,
    stepMs: fc.constantFrom<Step>('total', 3_600_000),
    groupBy: fc.constantFrom<readonly Dimension[]>([], ['model'], ['account', 'team'], ['team']),
    filters,
    scope: filters,
    teams: fc.constantFrom(noTeams, oneTeam),
  }),
  { maxLength: 8 },
);

/** A list that nothing was asked of yet. */
const fresh = (list: readonly IdentityRow[]) => [...list];

it('groups identities as if nothing had been asked before', () => {
  fc.assert(
    fc.property(identities, selections, (list, asked) => {
      for (const selection of [...asked, ...asked]) {
        const { plan, groups, groupOf } = select(list, selection);
        const anew = select(fresh(list), selection);
        expect({ plan, groups, groupOf }).toEqual({
          plan: anew.plan,
          groups: anew.groups,
          groupOf: anew.groupOf,
        });
      }
    }),
  );
});

it('knows groups again whose identities are the same, a moment later', () => {
  const list = [identityRow({ id: 1 }), identityRow({ id: 2, from: noon })];
  const at = (from: number): Selection => ({
    from,
    to: from + hourMs,
    stepMs: hourMs,
    groupBy: ['model'],
    filters: new Map(),
    teams: noTeams,
  });
  const { groups } = select(list, at(noon));
  expect(select(list, at(noon + 1)).groups).toBe(groups);
  expect(select(list, at(noon - 2 * hourMs)).groups).not.toBe(groups);
});
