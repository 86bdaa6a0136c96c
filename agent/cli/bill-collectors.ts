import { bills } from '../../collectors/index.ts';
import type { BillCollector } from '../core/bill.ts';
import type { CanonicalOf } from '../core/price-list.ts';
import type { SourceConfig } from '../config/sources.ts';
import type { BillCollectorDeps, Platform } from './platform.ts';
import { canonicalNames } from './price-lists.ts';
import { awsConfigOf, azureConfigOf } from './source-configs.ts';

/** Bills name models in the words of the price lists. */
const namesOf: Readonly<Record<SourceConfig['type'], CanonicalOf>> = {
  aws: canonicalNames.aws_price_list,
  azure: canonicalNames.azure_retail_prices,
};

/** What brings in the bills of a source; undefined where its `collect` does not ask for them. */
export async function openBillCollector(
  platform: Platform,
  source: SourceConfig,
  deps: BillCollectorDeps,
): Promise<BillCollector | undefined> {
  return source.collect.includes('bills') ? platform.createBillCollector(source, deps) : undefined;
}

/** The cloud's own, loaded now. */
export async function createBillCollector(
  source: SourceConfig,
  { clock, builtIn, meter }: BillCollectorDeps,
  env: Platform['env'],
): Promise<BillCollector> {
  const common = { canonicalOf: namesOf[source.type], ...(meter && { meter }) };
  if (source.type === 'aws') {
    const credentials = builtIn && (() => Promise.resolve(builtIn));
    const deps = { clock, ...common, ...(credentials && { credentials }) };
    return (await bills.aws())(awsConfigOf(source), deps);
  }
  return (await bills.azure())(azureConfigOf(source, env), { now: () => clock.now(), ...common });
}
