import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  costKeys,
  planQueries,
  priceStatement,
} from '../../../../collectors/aws/bills/cost-plan.ts';
import type { CostValues } from '../../../../collectors/aws/bills/cost-plan.ts';

const some = (letter: string) =>
  fc
    .integer({ min: 0, max: 6 })
    .map((count) => Array.from({ length: count }, (_, index) => `${letter}${index}`));
const values: fc.Arbitrary<CostValues> = fc.record({
  SERVICE: some('s'),
  LINKED_ACCOUNT: some('a'),
  RECORD_TYPE: some('r'),
});

describe('the queries of a statement', () => {
  it.each([
    ['one account, however many services: a query a record type', [9, 1, 2], 3 + 2],
    ['a payer of many: a query a service and record type', [4, 50, 3], 3 + 12],
    ['one of each is one query', [1, 1, 1], 3 + 1],
    ['no service: the question for services is all', [0, 0, 0], 1],
    ['services, but every account is asked by another access: no query', [2, 0, 1], 3],
  ] as const)('%s', (_sentence, [SERVICE, LINKED_ACCOUNT, RECORD_TYPE], calls) => {
    expect(priceStatement({ SERVICE, LINKED_ACCOUNT, RECORD_TYPE })).toEqual({
      operation: 'ce:GetCostAndUsage',
      calls,
      costNanoUsd: BigInt(calls) * 10_000_000n,
    });
  });

  it('tell every service, account and record type apart, each in one query', () => {
    fc.assert(
      fc.property(values, (of) => {
        const told = planQueries(of).flatMap((query) => {
          const others = costKeys.filter((key) => key !== query.groupedBy);
          expect(others.map((key) => query.values[key].length)).toEqual([1, 1]);
          return query.values.SERVICE.flatMap((service) =>
            query.values.LINKED_ACCOUNT.flatMap((account) =>
              query.values.RECORD_TYPE.map((record) => `${service} ${account} ${record}`),
            ),
          );
        });
        expect(new Set(told).size).toBe(told.length);
        expect(told).toHaveLength(
          of.SERVICE.length * of.LINKED_ACCOUNT.length * of.RECORD_TYPE.length,
        );
      }),
    );
  });

  it('are as many as foretold', () => {
    fc.assert(
      fc.property(values, (of) => {
        if (of.SERVICE.length === 0) return;
        const counts = {
          SERVICE: of.SERVICE.length,
          LINKED_ACCOUNT: of.LINKED_ACCOUNT.length,
          RECORD_TYPE: of.RECORD_TYPE.length,
        };
        expect(priceStatement(counts).calls).toBe(3 + planQueries(of).length);
      }),
    );
  });
});
