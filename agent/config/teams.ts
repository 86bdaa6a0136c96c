import { choose, fail, isMapping, listOf, parsed, section, text } from './fields.ts';
import { match } from './match.ts';
import type { Match } from './match.ts';

/** The team of a row: the value of a tag, or a name for all that matches. */
export type TeamConfig =
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'named'; readonly name: string; readonly match: Match };

const fromTag = section({
  from: parsed('a tag, for example tag.team', (value) => /^tag\.(.+)$/.exec(value)?.[1]),
}).transform(({ from }): TeamConfig => ({ kind: 'tag', tag: from }));

const named = section({
  name: text('the name of a team').superRefine((value, ctx) => {
    if (value === 'unassigned')
      fail(ctx, 'unassigned is what no team matches; choose another name');
  }),
  match: match().superRefine((conditions, ctx) => {
    if (Object.keys(conditions).length === 0)
      fail(ctx, 'empty, so it matches all; name a dimension');
    if ('team' in conditions) fail(ctx, 'a team cannot be told by the team; delete it', ['team']);
  }),
}).transform(({ name, match: conditions }): TeamConfig => ({
  kind: 'named',
  name,
  match: conditions,
}));

/** The first that matches wins. */
export const teams = listOf(
  choose<TeamConfig>((value) => (isMapping(value) && 'from' in value ? fromTag : named)),
  { expected: 'for example [{ from: tag.team }]', atLeast: 0 },
);
