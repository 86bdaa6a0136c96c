import type { RecordType } from '../../agent/core/bill.ts';
import type { Cloud } from '../../agent/core/cloud.ts';
import type { Exact } from '../../agent/core/decimal-sum.ts';
import type { BillFormat, Charge } from './format.ts';
import { badCell, currencyIn, exactIn, instantIn, requiredExactIn, textOf } from './row.ts';
import type { Row } from './row.ts';
import { isAwsModelService, isAzureModelService, namesClaude } from './services.ts';

/** Who sells, the newest name of the column after the one of 1.0 to 1.2. */
const providers = [
  'ProviderName',
  'ServiceProviderName',
  'HostProviderName',
  'InvoiceIssuerName',
  'PublisherName',
] as const;

/** Where a marketplace offer names its model. */
const offerColumns = [
  'ServiceName',
  'x_SkuMeterSubcategory',
  'x_SkuMeterName',
  'x_SkuDescription',
  'ResourceName',
  'PublisherName',
  'ChargeDescription',
] as const;

/**
 * FinOps FOCUS 1.0 to 1.2 (and later ones as far as they keep these columns), with the columns that AWS and Microsoft add.
 * https://focus.finops.org/focus-specification/
 * https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-focus-1-2-aws-columns.html
 * https://learn.microsoft.com/azure/cost-management-billing/dataset-schema/cost-usage-details-focus
 */
export const focus: BillFormat = {
  name: 'focus',
  title: 'FOCUS',
  source: 'focus',
  required: [
    'BilledCost',
    'BillingAccountId',
    'BillingCurrency',
    'BillingPeriodEnd',
    'BillingPeriodStart',
    'ChargeCategory',
    'ChargePeriodStart',
    'ServiceName',
  ],
  oneOf: [providers],
  optional: [
    'ChargeClass',
    'ChargeDescription',
    'ConsumedQuantity',
    'ConsumedUnit',
    'EffectiveCost',
    'InvoiceId',
    'PricingQuantity',
    'PricingUnit',
    'RegionId',
    'ResourceId',
    'ResourceName',
    'SkuId',
    'SkuMeter',
    'SubAccountId',
    'x_CostSource',
    'x_InvoiceId',
    'x_PricingUnitDescription',
    'x_ServiceCode',
    'x_SkuDescription',
    'x_SkuMeterCategory',
    'x_SkuMeterId',
    'x_SkuMeterName',
    'x_SkuMeterSubcategory',
    'x_UsageType',
  ],
  ownerColumns: [
    ...providers,
    ...offerColumns.filter((name) => name !== 'PublisherName'),
    'x_SkuMeterCategory',
    'x_ServiceCode',
    'x_CostSource',
    'BillingAccountId',
    'BillingPeriodStart',
    'BillingPeriodEnd',
    'ChargePeriodStart',
    'InvoiceId',
    'x_InvoiceId',
  ],
  chargeStart: 'ChargePeriodStart',
  periodEnd: 'BillingPeriodEnd',
  owner(row) {
    refuseEstimate(row);
    const provider = providers.map((column) => row.text(column)).find((name) => name !== '') ?? '';
    const cloud = cloudOf(row, provider);
    if (cloud === undefined) return { kind: 'left_out', reason: 'other_provider', name: provider };
    const isModels =
      cloud === 'aws'
        ? isAwsModelService(row.text('ServiceName'), row.text('x_ServiceCode'))
        : isAzureModelService(row.text('ServiceName'), row.text('x_SkuMeterCategory')) ||
          namesClaude(...offerColumns.map((column) => row.text(column)));
    return {
      kind: 'owned',
      cloud,
      scope: textOf(row, 'BillingAccountId'),
      periodStart: instantIn(row, 'BillingPeriodStart'),
      periodEnd: instantIn(row, 'BillingPeriodEnd'),
      invoice: row.text('InvoiceId') || row.text('x_InvoiceId'),
      leftOut: isModels ? undefined : { reason: 'other_service', name: serviceOf(row) },
    };
  },
  charge(row): Charge {
    const isAzure = providers.some((column) => isMicrosoft(row.text(column)));
    const recordType = recordTypeOf(row);
    const amount = amountOf(row);
    const counts = recordType === 'usage' || recordType === 'purchase';
    return {
      start: instantIn(row, 'ChargePeriodStart'),
      account: isAzure
        ? subscriptionOf(row)
        : row.text('SubAccountId') || textOf(row, 'BillingAccountId'),
      region: row.text('RegionId').toLowerCase().replaceAll(' ', ''),
      resource: isAzure ? resourceOf(row) : '',
      service: serviceOf(row),
      meter:
        row.text('x_SkuMeterName') ||
        row.text('x_UsageType') ||
        row.text('SkuMeter') ||
        row.text('ChargeDescription'),
      meterId: row.text('x_SkuMeterId') || row.text('SkuId'),
      product: row.text('x_SkuMeterSubcategory'),
      recordType,
      quantity: counts ? amount.quantity : null,
      unit: counts ? amount.unit : '',
      cost: requiredExactIn(row, 'BilledCost'),
      amortizedCost: exactIn(row, 'EffectiveCost'),
      currency: currencyIn(row, 'BillingCurrency'),
    };
  },
};

function isMicrosoft(name: string): boolean {
  return /microsoft|azure/i.test(name);
}

function cloudOf(row: Row, provider: string): Cloud | undefined {
  if (/\b(?:aws|amazon)\b/i.test(provider)) return 'aws';
  if (isMicrosoft(provider)) return 'azure';
  return provider === '' && row.text('x_ServiceCode') !== '' ? 'aws' : undefined;
}

function serviceOf(row: Row): string {
  return row.text('x_SkuMeterCategory') || row.text('ServiceName');
}

/**
 * Priced quantities count what a price is for: of `1M` tokens one. Azure writes that unit into a column of its own, its
 * `PricingUnit` leaves the million out.
 */
function amountOf(row: Row): { readonly quantity: Exact | null; readonly unit: string } {
  const priced = exactIn(row, 'PricingQuantity');
  const pricedUnit = row.text('x_PricingUnitDescription') || row.text('PricingUnit');
  const consumed = exactIn(row, 'ConsumedQuantity');
  const consumedUnit = row.text('ConsumedUnit');
  return priced === null || (pricedUnit === '' && consumed !== null && consumedUnit !== '')
    ? { quantity: consumed, unit: consumedUnit }
    : { quantity: priced, unit: pricedUnit };
}

/** https://focus.finops.org/focus-specification/v1-2/#chargecategory */
const recordTypes: ReadonlyMap<string, RecordType> = new Map([
  ['Usage', 'usage'],
  ['Purchase', 'purchase'],
  ['Tax', 'tax'],
  ['Credit', 'credit'],
  ['Adjustment', 'adjustment'],
]);

function recordTypeOf(row: Row): RecordType {
  const type = recordTypes.get(row.text('ChargeCategory'));
  if (type === undefined) {
    throw badCell(row, 'ChargeCategory', `is none of ${[...recordTypes.keys()].join(', ')}`);
  }
  // A correction changes what an earlier invoice said; what was used in this period it does not tell.
  return row.text('ChargeClass') === 'Correction' && type !== 'tax' && type !== 'credit'
    ? 'adjustment'
    : type;
}

/** `/subscriptions/0000…` or the bare id. */
function subscriptionOf(row: Row): string {
  const id = row.text('SubAccountId').toLowerCase();
  return /^\/subscriptions\/([^/]+)/.exec(id)?.[1] ?? id;
}

function resourceOf(row: Row): string {
  const id = row.text('ResourceId').toLowerCase();
  const account = /\/microsoft\.cognitiveservices\/accounts\/([^/]+)/.exec(id)?.[1];
  return account ?? row.text('ResourceName').toLowerCase();
}

/** What Crossbill itself exports is no bill: taken for one, its estimates would be audited against themselves. */
function refuseEstimate(row: Row): void {
  if (row.text('x_CostSource') !== 'estimated') return;
  throw badCell(
    row,
    'x_CostSource',
    'is no bill but an estimate, made of meters and list prices',
    'Import the file that the cloud exported; nothing was written',
  );
}
