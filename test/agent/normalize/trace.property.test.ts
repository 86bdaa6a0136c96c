import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minuteMs } from '../../../agent/core/time.ts';
import type { Amounts, TracedRow } from '../../../agent/core/usage.ts';
import type { ContractSwitches } from '../../../agent/normalize/contract.ts';
import { trace } from '../../../agent/normalize/trace.ts';
import { columnOf, derived, seriesOf, switches } from './meters.ts';
import type { Told } from './meters.ts';

const minutes = [0, 1];

const anyValues = fc
  .tuple(...minutes.map(() => fc.option(fc.nat({ max: 40 }), { nil: undefined })))
  .map((values) =>
    Object.fromEntries(values.flatMap((value, at) => (value === undefined ? [] : [[at, value]]))),
  );

/** Totals in two ranks and by model name, parts by tier, tokens and requests, of any size beside each other. */
const anyTold: fc.Arbitrary<Told> = fc.oneof(
  fc.record({
    meter: fc.constantFrom('input', 'cache_read', 'cache_write', 'output'),
    rank: fc.constantFrom(0, 1),
    modelName: fc.constantFrom('', 'm'),
    contract: fc.constantFrom(
      'input_by_family' as const,
      'input_includes_cached' as const,
      'input_excludes_cached' as const,
    ),
    values: anyValues,
  }),
  fc.record({
    meter: fc.constantFrom('input', 'cache_read', 'output'),
    level: fc.constant('part' as const),
    tier: fc.constantFrom('standard' as const, 'flex' as const),
    rank: fc.constantFrom(0, 1),
    values: anyValues,
  }),
  fc.record({
    meter: fc.constantFrom('accepted', 'client_error', 'server_error', 'throttled'),
    contract: fc.constantFrom('requests_accepted' as const, 'requests_by_status' as const),
    values: anyValues,
  }),
);

const anySwitches: fc.Arbitrary<ContractSwitches> = fc.record({
  openaiInputIncludesCached: fc.boolean(),
  bedrockInvocations: fc.constantFrom('accepted' as const, 'successful' as const),
});
const anyFamily = fc.constantFrom('openai', 'anthropic', 'amazon-titan', 'deepseek', 'unknown');

function traced(told: readonly Told[], family: string, under: ContractSwitches, at: number) {
  const columns = columnOf(told);
  const valueOf = (id: number) => {
    const value = columns(id)?.[at];
    return value === undefined || Number.isNaN(value) ? undefined : value;
  };
  return trace(under, seriesOf(told), valueOf, () => family);
}

function says(amounts: Amounts): boolean {
  return Object.values(amounts).some((amount) => amount !== null && amount !== 0);
}

function brief({ facet, amounts, violation }: Pick<TracedRow, 'facet' | 'amounts' | 'violation'>) {
  return JSON.stringify([facet, amounts, violation]);
}

describe('a traced period', () => {
  it('is the derived one, whatever the meters say', () => {
    fc.assert(
      fc.property(
        fc.array(anyTold, { maxLength: 9 }),
        anyFamily,
        anySwitches,
        fc.constantFrom(...minutes),
        (told, family, under, at) => {
          const rows = derived(told, family, under).filter(({ start }) => start === at * minuteMs);
          const own = traced(told, family, under, at).filter(
            ({ amounts, violation }) => violation || says(amounts),
          );
          expect(own.map(brief).toSorted()).toEqual(rows.map(brief).toSorted());
        },
      ),
    );
  });

  it('adds its terms up to its sums, and counts no token of a reading twice', () => {
    fc.assert(
      fc.property(fc.array(anyTold, { maxLength: 9 }), anyFamily, (told, family) => {
        for (const { meters } of traced(told, family, switches, 0)) {
          for (const { terms, sum } of meters) {
            const added = terms.reduce((all, one) => all + one.value - one.toldApart, 0);
            expect(added).toBe(sum);
            for (const { value, toldApart } of terms) expect(toldApart).toBeLessThanOrEqual(value);
          }
        }
      }),
    );
  });
});
