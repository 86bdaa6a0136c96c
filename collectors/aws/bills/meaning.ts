import type { MeaningOf } from '../../../agent/core/bill.ts';
import type { CanonicalOf } from '../../../agent/core/price-list.ts';
import { bedrockIdOf } from '../prices/models.ts';
import { tokensOfUnit } from '../prices/units.ts';
import { parseUsageType } from '../prices/usage-type.ts';

export interface MeaningOptions {
  /** Knows a Bedrock model id; no version is given beside it. */
  readonly canonicalOf: CanonicalOf;
  /**
   * How many tokens one of the marketplace's plain `Units` is taken for. Its price list counts in millions, and that Cost
   * Explorer counts in the price list's unit is an assumption that AWS states nowhere; null refuses such lines as
   * `unknown_unit`. A million unless given.
   */
  readonly tokensPerPlainUnit?: 1_000 | 1_000_000 | null;
}

const edition = /\s*\(Amazon Bedrock Edition\)\s*$/;
const marketplace = /-MP:.*-Units$/;
const plain = /^units?$/i;

/**
 * What a billed usage type means, by the catalog of the price list. The marketplace's usage types name no model: their
 * service does. A quantity without a unit, or in one that no table knows, could be wrong by a thousand, so it means
 * nothing.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-understanding-cur-data.html
 */
export function createMeaningOf(options: MeaningOptions): MeaningOf {
  const { canonicalOf, tokensPerPlainUnit = 1_000_000 } = options;
  return ({ service, meter, unit }) => {
    const usage = parseUsageType(meter);
    if (typeof usage === 'string') return usage;
    const words = [usage.model, edition.test(service) ? service.replace(edition, '') : ''];
    const id = words
      .filter((word) => word !== '')
      .map(bedrockIdOf)
      .find(isKnown);
    const known = id === undefined ? undefined : canonicalOf(id, '');
    if (known === undefined) return 'unknown_model';
    const counted = marketplace.test(meter) && plain.test(unit);
    const perUnit = counted ? tokensPerPlainUnit : tokensOfUnit(unit);
    if (perUnit === null || perUnit === undefined) return 'unknown_unit';
    return {
      ...known,
      item: usage.item,
      // A region's own rate is that of its geographic profiles too, so the name does not tell the two apart.
      routing: usage.reach === 'global' ? 'global' : '',
      tier: usage.tier,
      band: usage.band,
      cacheTtl: usage.cacheTtl,
      perUnit,
    };
  };
}

function isKnown(id: string | undefined): id is string {
  return id !== undefined;
}
