import type { Cloud } from '../core/cloud.ts';
import type { Routing, Tier } from '../core/dimension.ts';
import { ppmOfWhole } from '../core/money.ts';
import type { PriceItem } from '../core/price.ts';
import type { Traffic } from './scope.ts';

/** Millionths of a price. `low <= best <= high`. */
export interface Factor {
  readonly low: number;
  readonly best: number;
  readonly high: number;
}

/** The price of one kind of traffic, taken for that of another. Its own is the one whose factors are the whole. */
export interface StandIn {
  readonly routing: Routing;
  readonly tier: Tier;
  readonly routingFactor: Factor;
  readonly tierFactor: Factor;
}

const own: Factor = { low: ppmOfWhole, best: ppmOfWhole, high: ppmOfWhole };

/**
 * What a tier without a price of its own costs, in the standard one's. Both clouds state half the price for batch:
 * https://learn.microsoft.com/azure/ai-foundry/openai/how-to/batch
 * https://docs.aws.amazon.com/bedrock/latest/userguide/capacity-limits-cost-optimization.html
 * Of flex they say that it is cheaper and of priority that it is dearer, by model:
 * https://aws.amazon.com/bedrock/service-tiers
 * Where a public list has both, flex costs 0.5 to 0.67 of standard and priority 1.67 to 2.51 times it, on Azure mostly twice:
 * https://github.com/BerriAI/litellm/blob/main/model_prices_and_context_window.json (2026-08-01)
 */
const tierFactors: Readonly<Partial<Record<Tier, Factor>>> = {
  batch: { low: 500_000, best: 500_000, high: 500_000 },
  flex: { low: 500_000, best: ppmOfWhole, high: ppmOfWhole },
  priority: { low: ppmOfWhole, best: ppmOfWhole, high: 2_510_000 },
};

const aboveGlobal: Factor = { low: ppmOfWhole, best: 1_100_000, high: 1_200_000 };
/** Global is listed a tenth, in figures 9 to 10 %, below the others. */
const belowRegional: Factor = { low: 900_000, best: 910_000, high: ppmOfWhole };

/**
 * What a routing without a price of its own costs, in that of another one. Bedrock charges a geography's profile as the
 * region it is called from, and global ones about 10 % less:
 * https://docs.aws.amazon.com/bedrock/latest/userguide/cross-region-inference.html
 * https://docs.aws.amazon.com/bedrock/latest/userguide/global-cross-region-inference.html
 * Azure's Data Zone deployments are reported to cost 10 to 20 % more than global ones, and regional ones are taken alike:
 * https://pypi.org/project/azure-genai-prices/
 */
const routingFactors: Readonly<
  Record<Cloud, Readonly<Partial<Record<Routing, readonly (readonly [Routing, Factor])[]>>>>
> = {
  aws: {
    in_region: [
      ['geo', own],
      ['global', aboveGlobal],
    ],
    geo: [
      ['in_region', own],
      ['global', aboveGlobal],
    ],
    global: [
      ['geo', belowRegional],
      ['in_region', belowRegional],
    ],
  },
  azure: {
    data_zone: [['global', aboveGlobal]],
    in_region: [['global', aboveGlobal]],
  },
};

/**
 * Whose price may be taken for one item of this traffic: its own, then others, those first that leave the narrower range.
 * Capacity by the hour has no stand-in: regional units cost twice the global ones.
 */
export function standInsOf(
  item: PriceItem,
  { cloud, routing, tier }: Pick<Traffic, 'cloud' | 'routing' | 'tier'>,
): readonly StandIn[] {
  const routings: (readonly [Routing, Factor])[] = [[routing, own]];
  const tiers: (readonly [Tier, Factor])[] = [[tier, own]];
  if (item !== 'unit_hour') {
    routings.push(...(routingFactors[cloud][routing] ?? []));
    const tierFactor = tierFactors[tier];
    if (tierFactor !== undefined) tiers.push(['standard', tierFactor]);
  }
  return routings
    .flatMap(([fromRouting, routingFactor]) =>
      tiers.map(([fromTier, tierFactor]) => ({
        routing: fromRouting,
        tier: fromTier,
        routingFactor,
        tierFactor,
      })),
    )
    .toSorted((a, b) => widthOf(a) - widthOf(b));
}

function widthOf({ routingFactor, tierFactor }: StandIn): number {
  return (routingFactor.high / routingFactor.low) * (tierFactor.high / tierFactor.low);
}

/**
 * The routings that traffic may have had, the likeliest first. Azure's usual deployment is a global one; a Bedrock id without
 * a scope stays in its region.
 */
export function routingsOf({ cloud, routing }: Pick<Traffic, 'cloud' | 'routing'>) {
  if (routing !== 'unknown') return [routing];
  const possible: Readonly<Record<Cloud, readonly Routing[]>> = {
    aws: ['in_region', 'geo', 'global'],
    azure: ['global', 'data_zone', 'in_region'],
  };
  return possible[cloud];
}

/**
 * The tiers that traffic may have had, standard first. Batch is one of them only where an Azure deployment's SKU is not
 * known (then its routing is unknown too): elsewhere the SKU would have said batch, and Bedrock's batch jobs are not seen in
 * the meters of requests. Provisioned is none of them: it would make every unknown row possibly free.
 */
export function tiersOf({
  cloud,
  routing,
  tier,
}: Pick<Traffic, 'cloud' | 'routing' | 'tier'>): readonly Tier[] {
  if (tier !== 'unknown') return [tier];
  const served: readonly Tier[] = ['standard', 'flex', 'priority'];
  return cloud === 'azure' && routing === 'unknown' ? [...served, 'batch'] : served;
}
