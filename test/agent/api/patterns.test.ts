import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { closedList, dimensionList, openList } from '../../../agent/api/list-pattern.ts';
import { groupByParam, patterns } from '../../../agent/api/params.ts';
import { routes } from '../../../agent/api/routes.ts';

const property = z.looseObject({ pattern: z.string().optional() });

/** Every parameter of every route that says how it is written. */
const told = routes.flatMap(({ path, params }) =>
  Object.entries(z.toJSONSchema(params, { io: 'input' }).properties ?? {}).flatMap(
    ([name, said]) => {
      const { pattern } = property.parse(said);
      const schema: z.ZodType | undefined = params.shape[name];
      return pattern === undefined || schema === undefined ? [] : [{ path, name, pattern, schema }];
    },
  ),
);

describe('what the OpenAPI document says of a text is what is accepted', () => {
  it.each(told)('$name of $path', ({ name, pattern, schema }) => {
    const fits = fc.stringMatching(new RegExp(pattern)).filter((text) => /[^ ,]/.test(text));
    fc.assert(
      fc.property(fits, (text) => {
        expect([name, text, schema.safeParse(text).success]).toEqual([name, text, true]);
      }),
      { numRuns: 30 },
    );
  });

  const letters = Array.from('aAws,* .-_ztg\t\n');
  it.each([
    ['any words', patterns('Model'), openList],
    ['words of ours', patterns('Cloud', ['aws', 'azure']), closedList(['aws', 'azure'])],
    ['dimensions', groupByParam.group_by, dimensionList],
  ])('and nothing else: %s', (_name, schema, pattern) => {
    const text = fc
      .array(fc.constantFrom(...letters, 'aws', 'azure', 'team', 'tag.'))
      .map((all) => all.join(''));
    fc.assert(
      fc.property(text, (given) => {
        const fits = new RegExp(pattern).test(given);
        expect([given, schema.safeParse(given).success]).toEqual([given, fits]);
      }),
      { numRuns: 2_000 },
    );
  });
});
