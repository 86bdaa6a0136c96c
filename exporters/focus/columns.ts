import type { Charge } from '../../agent/core/charge.ts';
import { zeptoUsdScale } from '../../agent/core/charge.ts';
import type { FocusVersion } from '../../agent/core/focus.ts';
import { monthStart, nextMonth } from '../../agent/core/month.ts';
import * as of from './charge.ts';
import type { FocusColumn } from './column.ts';
import { customColumns } from './custom-columns.ts';
import { describe } from './describe.ts';
import {
  jsonText,
  resourceOf,
  skuIdOf,
  skuMeterOf,
  skuPriceDetailsOf,
  skuPriceIdOf,
} from './sku.ts';

const sellers = { aws: 'Amazon Web Services', azure: 'Microsoft' } as const;
const services = { aws: 'Amazon Bedrock', azure: 'Azure OpenAI' } as const;

const priceScale = 9;

const text = (name: string, cell: (charge: Charge) => string): FocusColumn => ({
  name,
  type: 'text',
  cell,
});
const maybe = (name: string, cell: (charge: Charge) => string | null): FocusColumn => ({
  name,
  type: 'text',
  nullable: true,
  cell: (charge) => cell(charge) || null,
});
const time = (name: string, cell: (charge: Charge) => number): FocusColumn => ({
  name,
  type: 'time',
  cell,
});
const cost = (name: string, cell: (charge: Charge) => bigint): FocusColumn => ({
  name,
  type: 'decimal',
  scale: zeptoUsdScale,
  cell,
});
const number = (
  name: string,
  scale: number,
  cell: (charge: Charge) => bigint | null,
): FocusColumn => ({ name, type: 'decimal', scale, nullable: true, cell });

const seller = ({ of: { cloud } }: Charge) => sellers[cloud];

/** Whoever sells: under two names until 1.3, under two others after it. */
const parties: Readonly<Record<FocusVersion, readonly FocusColumn[]>> = {
  '1.2': [text('ProviderName', seller), text('PublisherName', seller)],
  '1.4': [text('HostProviderName', seller), text('ServiceProviderName', seller)],
};

const shared: readonly FocusColumn[] = [
  cost('BilledCost', of.contractedCostOf),
  text('BillingAccountId', (charge) => charge.of.account),
  maybe('BillingAccountName', () => null),
  text('BillingCurrency', () => 'USD'),
  time('BillingPeriodEnd', ({ period }) => nextMonth(period.start)),
  time('BillingPeriodStart', ({ period }) => monthStart(period.start)),
  text('ChargeCategory', (charge) => (isMetered(charge) ? 'Usage' : 'Adjustment')),
  maybe('ChargeClass', () => null),
  text('ChargeDescription', describe),
  text('ChargeFrequency', () => 'Usage-Based'),
  time('ChargePeriodEnd', ({ period }) => period.end),
  time('ChargePeriodStart', ({ period }) => period.start),
  // Always empty: rules of other columns ask for it.
  maybe('CommitmentDiscountStatus', () => null),
  number('ConsumedQuantity', of.quantityScale, of.consumedQuantityOf),
  maybe('ConsumedUnit', (charge) => unitOf(charge, 'Tokens')),
  cost('ContractedCost', of.contractedCostOf),
  number('ContractedUnitPrice', priceScale, of.contractedPriceOf),
  cost('EffectiveCost', of.contractedCostOf),
  maybe('InvoiceId', () => null),
  text('InvoiceIssuerName', seller),
  cost('ListCost', of.listCostOf),
  number('ListUnitPrice', priceScale, of.listPriceOf),
  maybe('PricingCategory', (charge) => (isMetered(charge) ? 'Standard' : null)),
  number('PricingQuantity', of.quantityScale, of.pricingQuantityOf),
  maybe('PricingUnit', (charge) => unitOf(charge, '1000000 Tokens')),
  maybe('RegionId', (charge) => charge.of.region),
  maybe('RegionName', (charge) => charge.of.region),
  maybe('ResourceId', (charge) => resourceOf(charge.of)?.id ?? null),
  maybe('ResourceName', (charge) => resourceOf(charge.of)?.name ?? null),
  maybe('ResourceType', (charge) => resourceOf(charge.of)?.type ?? null),
  text('ServiceCategory', () => 'AI and Machine Learning'),
  text('ServiceName', (charge) => services[charge.of.cloud]),
  text('ServiceSubcategory', () => 'Generative AI'),
  maybe('SkuId', skuIdOf),
  maybe('SkuMeter', skuMeterOf),
  maybe('SkuPriceDetails', skuPriceDetailsOf),
  maybe('SkuPriceId', skuPriceIdOf),
  text('SubAccountId', (charge) => charge.of.account),
  text('SubAccountName', (charge) => charge.of.account),
  maybe('Tags', (charge) => jsonText(charge.of.tags)),
];

/** FOCUS's own by name, then ours. */
export function focusColumns(version: FocusVersion): readonly FocusColumn[] {
  const own = [...shared, ...parties[version]];
  return [...own.toSorted((a, b) => (a.name < b.name ? -1 : 1)), ...customColumns];
}

function isMetered({ kind }: Charge): boolean {
  return kind === 'tokens' || kind === 'capacity';
}

function unitOf({ kind }: Charge, ofTokens: string): string | null {
  if (kind === 'tokens') return ofTokens;
  return kind === 'capacity' ? 'Hours' : null;
}
