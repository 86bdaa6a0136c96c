import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TokenMeter } from '../../../agent/core/meter.ts';
import { minuteMs } from '../../../agent/core/time.ts';
import type { DerivedRow } from '../../../agent/core/usage.ts';
import type { ContractSwitches } from '../../../agent/normalize/contract.ts';
import { derive } from '../../../agent/normalize/derive.ts';
import { columnOf, derived, seriesOf, tenMinutes } from './meters.ts';
import type { Told } from './meters.ts';

const minutes = [0, 1, 2];

/** What a series says: a value in some of the minutes, silence in the others. */
const anyValues = fc
  .tuple(...minutes.map(() => fc.option(fc.nat({ max: 60 }), { nil: undefined })))
  .map((values) =>
    Object.fromEntries(values.flatMap((value, at) => (value === undefined ? [] : [[at, value]]))),
  );

/** One token meter's series: totals in two ranks, parts by tier, of any size beside each other. */
function anyMeter(meter: TokenMeter): fc.Arbitrary<readonly Told[]> {
  const total = fc.record({
    meter: fc.constant(meter),
    rank: fc.constantFrom(0, 1),
    values: anyValues,
  });
  const part = fc.record({
    meter: fc.constant(meter),
    level: fc.constant('part' as const),
    tier: fc.constantFrom('standard' as const, 'flex' as const),
    values: anyValues,
  });
  return fc
    .tuple(
      fc.uniqueArray(total, { maxLength: 2, selector: ({ rank }) => rank }),
      fc.array(part, { maxLength: 3 }),
    )
    .map(([totals, parts]) => [...totals, ...parts]);
}

interface World {
  readonly told: readonly Told[];
  readonly family: string;
  readonly switches: ContractSwitches;
}

const anyWorld: fc.Arbitrary<World> = fc.record({
  told: fc
    .tuple(anyMeter('input'), anyMeter('output'), anyMeter('cache_read'), anyMeter('cache_write'))
    .map((meters) => meters.flat()),
  family: fc.constantFrom(
    'openai',
    'anthropic',
    'amazon-nova',
    'amazon-titan',
    'deepseek',
    'unknown',
  ),
  switches: fc.record({
    openaiInputIncludesCached: fc.boolean(),
    bedrockInvocations: fc.constantFrom('accepted' as const, 'successful' as const),
  }),
});

function isInside({ family, switches }: World): boolean {
  return family === 'openai' && switches.openaiInputIncludesCached;
}

/** What a meter says of each tier in a minute, by hand: parts, and of the total what they leave of it. */
function meterByTier(told: readonly Told[], meter: TokenMeter, at: number) {
  const says = ({ values }: Told) => values?.[at];
  const series = told.filter((one) => one.meter === meter && says(one) !== undefined);
  const byTier = new Map<string, number>();
  let parts = 0;
  for (const part of series.filter(({ level }) => level === 'part')) {
    byTier.set(part.tier ?? '', (byTier.get(part.tier ?? '') ?? 0) + (says(part) ?? 0));
    parts += says(part) ?? 0;
  }
  const [total] = series
    .filter(({ level }) => level !== 'part')
    .toSorted((a, b) => (a.rank ?? 0) - (b.rank ?? 0));
  const rest = total === undefined ? 0 : (says(total) ?? 0) - parts;
  if (rest > 0) byTier.set('', rest);
  return { byTier, isAbove: rest < 0, sum: Math.max(parts, parts + rest) };
}

function tokensOf(rows: readonly DerivedRow[], at: number): number {
  return rows
    .filter(({ start }) => start === at * minuteMs)
    .reduce((sum, { amounts }) => {
      const { input, cacheRead, cacheWrite, output, unsplitInput } = amounts;
      const types = [input, cacheRead, cacheWrite, output, unsplitInput];
      return sum + types.reduce<number>((tokens, type) => tokens + (type ?? 0), 0);
    }, 0);
}

describe('of any meters of any family', () => {
  it('the five token types add up to output and raw input, and cached tokens where they are beside it', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const rows = derived(world.told, world.family, world.switches);
        for (const at of minutes) {
          const sum = (meter: TokenMeter) => meterByTier(world.told, meter, at).sum;
          const beside = isInside(world) ? 0 : sum('cache_read') + sum('cache_write');
          expect(tokensOf(rows, at)).toBe(sum('input') + sum('output') + beside);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('a row is a violation where parts are above their total or more is cached than came in, and only there', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const rows = derived(world.told, world.family, world.switches);
        const violations = rows
          .filter(({ violation }) => violation)
          .map(({ start, facet }) => `${start / minuteMs} ${facet.tier}`);
        const expected = minutes.flatMap((at) => {
          const of = (meter: TokenMeter) => meterByTier(world.told, meter, at);
          const meters = (['input', 'output', 'cache_read', 'cache_write'] as const).map(of);
          return ['', 'standard', 'flex'].flatMap((tier) => {
            const says = (meter: TokenMeter) => of(meter).byTier.get(tier) ?? 0;
            const isOver = says('cache_read') + says('cache_write') > says('input');
            const isAbove = tier === '' && meters.some((meter) => meter.isAbove);
            return (isOver && isInside(world)) || isAbove ? [`${at} ${tier}`] : [];
          });
        });
        expect(violations.toSorted()).toEqual(expected.toSorted());
      }),
      { numRuns: 300 },
    );
  });

  it('no amount is below zero, input is never split and unsplit at once, and no row says nothing', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        for (const { amounts, violation } of derived(world.told, world.family, world.switches)) {
          const told = Object.values(amounts).filter((amount) => amount !== null);
          expect(Math.min(0, ...told)).toBe(0);
          expect(amounts.input === null || amounts.unsplitInput === null).toBe(true);
          expect(violation || told.some((amount) => amount > 0)).toBe(true);
        }
      }),
    );
  });

  it('a series that says nothing changes nothing, but for a cache meter that nobody had seen', () => {
    const silent = fc.record({
      meter: fc.constantFrom('input' as const, 'output' as const, 'cache_read' as const),
      level: fc.constantFrom('total' as const, 'part' as const),
      tier: fc.constantFrom('standard' as const, 'flex' as const),
      rank: fc.constantFrom(0, 1),
    });
    fc.assert(
      fc.property(anyWorld, silent, ({ told, family, switches }, more) => {
        fc.pre(more.meter !== 'cache_read' || told.some(({ meter }) => meter === 'cache_read'));
        expect(derived([...told, more], family, switches)).toEqual(derived(told, family, switches));
      }),
      { numRuns: 300 },
    );
  });

  it('the order of the series and any of them twice change nothing', () => {
    fc.assert(
      fc.property(
        anyWorld.chain((world) =>
          fc.tuple(
            fc.constant(world),
            fc.shuffledSubarray([...seriesOf(world.told)], { minLength: world.told.length }),
            fc.subarray([...seriesOf(world.told)]),
          ),
        ),
        ([{ told, family, switches }, shuffled, twice]) => {
          const rows = derive(
            switches,
            [...shuffled, ...twice],
            tenMinutes,
            columnOf(told),
            () => family,
          );
          expect(rows).toEqual(derived(told, family, switches));
        },
      ),
    );
  });

  it('the same again is the same, and a minute alone is what it is among others', () => {
    fc.assert(
      fc.property(anyWorld, ({ told, family, switches }) => {
        const series = seriesOf(told);
        const columns = columnOf(told);
        const rows = derive(switches, series, tenMinutes, columns, () => family);
        expect(derive(switches, series, tenMinutes, columns, () => family)).toEqual(rows);
        const byMinute = minutes.flatMap((at) => {
          const grid = { ...tenMinutes, start: at * minuteMs, periods: 1 };
          const alone = (id: number) => columns(id)?.slice(at);
          return derive(switches, series, grid, alone, () => family);
        });
        expect(byMinute).toEqual(rows);
      }),
    );
  });
});
