import type { MeaningOf, MeterMeaning } from '../../../agent/core/bill.ts';
import type { CanonicalOf, SkipReason } from '../../../agent/core/price-list.ts';
import { products, provisionedMeters, provisionedProducts } from '../prices/meter-models.ts';
import { readMeterName } from '../prices/meter-name.ts';
import type { MeterName } from '../prices/meter-name.ts';

type BilledMeter = Parameters<MeaningOf>[0];

const tokensPerUnit: ReadonlyMap<string, number> = new Map([
  ['1K', 1_000],
  ['1M', 1_000_000],
]);
const hourUnits: ReadonlySet<string> = new Set(['1/hour', '1 hour', '1 hours', 'hour', 'hours']);

/** Products under which short words mean a model; under any other they mean none. */
const knownProducts: readonly string[] = ['', ...Object.values(products)];

/**
 * What Azure's billed meters count. Tokens for a unit of the quantity: what the unit says (`1K`, `1M`), else what the
 * meter's own name says (`… 1M Tokens`); where they differ or neither says it, that is the reason. A name without a product
 * is read as of each product, and holds where it can only mean one thing.
 */
export function azureMeaningOf(canonicalOf: CanonicalOf): MeaningOf {
  return (line) => capacityOf(line) ?? tokensOf(line, canonicalOf);
}

/** Whether only its product tells what a meter of this name counts. */
export function needsProduct(meter: string): boolean {
  return routingOfCapacity(meter) !== undefined || readingsOf(meter, '').length > 1;
}

/** Undefined for what is no meter of provisioned capacity. */
function capacityOf({ meter, product, unit }: BilledMeter): MeterMeaning | SkipReason | undefined {
  const routing = routingOfCapacity(meter);
  if (routing === undefined) return undefined;
  const model = provisionedProducts.get(spelled(product, [...provisionedProducts.keys()]));
  if (model === undefined) return 'unknown_model';
  if (!hourUnits.has(unit.trim().toLowerCase())) return 'unknown_unit';
  return {
    model,
    modelVersion: '',
    item: 'unit_hour',
    routing,
    tier: 'provisioned',
    band: 'any',
    cacheTtl: '',
    perUnit: 1,
  };
}

function routingOfCapacity(meter: string) {
  return provisionedMeters.get(spelled(meter, [...provisionedMeters.keys()]));
}

function tokensOf(
  { meter, product, unit }: BilledMeter,
  canonicalOf: CanonicalOf,
): MeterMeaning | SkipReason {
  const readings = readingsOf(meter, product);
  const [name] = readings;
  if (name === undefined) return reasonOf(meter, product);
  // Several products have models that are called so.
  if (readings.length > 1) return 'unknown_model';
  const perUnit = perUnitOf(unit, name);
  if (typeof perUnit === 'string') return perUnit;
  const known = canonicalOf(name.model, name.version);
  if (known === undefined) return 'unknown_model';
  const { item, routing, tier, band } = name;
  const { model, modelVersion } = known;
  return { model, modelVersion, item, routing, tier, band, cacheTtl: '', perUnit };
}

function perUnitOf(unit: string, { unit: named }: MeterName): number | SkipReason {
  const stated = unit.trim().toUpperCase();
  if (stated !== '' && named !== undefined && stated !== named) return 'unit_disagrees';
  return tokensPerUnit.get(stated || (named ?? '')) ?? 'unknown_unit';
}

/** Every different thing that the name can mean. */
function readingsOf(meter: string, product: string): readonly MeterName[] {
  const found = new Map<string, MeterName>();
  for (const one of productsOf(product)) {
    const name = readMeterName(meter, one);
    if (typeof name !== 'string') found.set(JSON.stringify(name), name);
  }
  return [...found.values()];
}

/** What is wrong with the name itself says more than that it is not known. */
function reasonOf(meter: string, product: string): SkipReason {
  const reasons = productsOf(product).map((one) => readMeterName(meter, one));
  const told = reasons.find((reason) => typeof reason === 'string' && reason !== 'unknown_name');
  return typeof told === 'string' ? told : 'unknown_name';
}

/** The product that is told; each one where none is. */
function productsOf(product: string): readonly string[] {
  return product === '' ? knownProducts : [spelled(product, knownProducts)];
}

/** As the list spells it, whatever case the bill has. */
function spelled(text: string, list: readonly string[]): string {
  const lower = text.trim().toLowerCase();
  return list.find((one) => one.toLowerCase() === lower) ?? text;
}
