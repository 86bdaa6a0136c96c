import type { RecordType } from '../../agent/core/bill.ts';
import { addExact, exactZero, negated } from '../../agent/core/decimal-sum.ts';
import type { Exact } from '../../agent/core/decimal-sum.ts';
import type { BillFormat, Charge } from './format.ts';
import { badCell, currencyIn, exactIn, instantIn, requiredExactIn, textOf } from './row.ts';
import type { Row } from './row.ts';
import { isAwsModelService } from './services.ts';

/**
 * AWS Cost and Usage Report 2.0 of Data Exports. What is charged is the unblended cost: discounts are lines of their own there,
 * so that the net columns would count them twice. https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2.html
 */
export const awsCur: BillFormat = {
  name: 'aws_cur',
  title: 'AWS CUR 2.0',
  source: 'aws_cur',
  required: [
    'bill_billing_period_start_date',
    'bill_billing_period_end_date',
    'bill_payer_account_id',
    'line_item_usage_account_id',
    'line_item_usage_start_date',
    'line_item_line_item_type',
    'line_item_product_code',
    'line_item_usage_type',
    'line_item_usage_amount',
    'line_item_unblended_cost',
    'line_item_currency_code',
  ],
  oneOf: [],
  optional: [
    'bill_invoice_id',
    'pricing_unit',
    'product',
    'product_product_name',
    'product_servicecode',
    'product_region_code',
    'product_sku',
    'reservation_reservation_a_r_n',
    'reservation_effective_cost',
    'reservation_unused_amortized_upfront_fee_for_billing_period',
    'reservation_unused_recurring_fee',
    'savings_plan_savings_plan_effective_cost',
    'savings_plan_total_commitment_to_date',
    'savings_plan_used_commitment',
  ],
  ownerColumns: [
    'bill_billing_period_start_date',
    'bill_billing_period_end_date',
    'bill_payer_account_id',
    'bill_invoice_id',
    'line_item_usage_start_date',
    'line_item_product_code',
    'product',
    'product_product_name',
    'product_servicecode',
  ],
  chargeStart: 'line_item_usage_start_date',
  periodEnd: 'bill_billing_period_end_date',
  owner(row) {
    const code = row.text('line_item_product_code');
    const product = row.text('product');
    const isModels = isAwsModelService(
      code,
      row.text('product_servicecode'),
      row.text('product_product_name'),
      // The whole map is looked at only where it can matter.
      /bedrock/i.test(product) ? serviceOf(row) : '',
    );
    return {
      kind: 'owned',
      cloud: 'aws',
      scope: textOf(row, 'bill_payer_account_id'),
      periodStart: instantIn(row, 'bill_billing_period_start_date'),
      periodEnd: instantIn(row, 'bill_billing_period_end_date'),
      invoice: row.text('bill_invoice_id'),
      leftOut: isModels ? undefined : { reason: 'other_service', name: code },
    };
  },
  charge(row): Charge {
    const type = row.text('line_item_line_item_type');
    const cost = requiredExactIn(row, 'line_item_unblended_cost');
    const quantity = exactIn(row, 'line_item_usage_amount');
    const recordType = recordTypeOf(row, type);
    // A credit or a discount repeats the amount of what it is for.
    const counts = recordType === 'usage' || recordType === 'purchase';
    return {
      start: instantIn(row, 'line_item_usage_start_date'),
      account: textOf(row, 'line_item_usage_account_id'),
      region: row.text('product_region_code').toLowerCase().replaceAll(' ', ''),
      resource: '',
      service: serviceOf(row),
      meter: row.text('line_item_usage_type'),
      meterId: row.text('product_sku'),
      product: '',
      recordType,
      quantity: counts ? quantity : null,
      unit: counts ? row.text('pricing_unit') : '',
      cost,
      amortizedCost: amortizedOf(row, type, cost),
      currency: currencyIn(row, 'line_item_currency_code'),
    };
  },
};

/** Names that Cost Explorer has for the codes of services, so that both say the same word. */
const namesOfCodes: ReadonlyMap<string, string> = new Map([['AmazonBedrock', 'Amazon Bedrock']]);

function serviceOf(row: Row): string {
  const map = row.text('product');
  const code = row.text('line_item_product_code');
  return (
    row.text('product_product_name') ||
    attributeOf(map, 'product_name') ||
    attributeOf(map, 'servicename') ||
    (namesOfCodes.get(code) ?? code)
  );
}

/** Of a map column, as JSON or, as Athena writes one to CSV, `{key=value, key=value}`. */
function attributeOf(map: string, key: string): string {
  if (map === '') return '';
  try {
    const parsed: unknown = JSON.parse(map);
    if (typeof parsed !== 'object' || parsed === null) return '';
    const value: unknown = Object.entries(parsed).find(([name]) => name === key)?.[1];
    return typeof value === 'string' ? value : '';
  } catch {
    const after = map.split(new RegExp(`(?:^\\{|, )${key}=`))[1];
    return after === undefined ? '' : (/^.*?(?=, \w+=|\}$)/.exec(after)?.[0] ?? '');
  }
}

/**
 * What has no other name is an adjustment. https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2-line-item.html
 */
const recordTypes: ReadonlyMap<string, RecordType> = new Map([
  ['Usage', 'usage'],
  ['DiscountedUsage', 'usage'],
  ['SavingsPlanCoveredUsage', 'usage'],
  ['RIFee', 'purchase'],
  ['SavingsPlanRecurringFee', 'purchase'],
  ['SavingsPlanUpfrontFee', 'purchase'],
  ['SavingsPlanNegation', 'discount'],
  ['Fee', 'fee'],
  ['Credit', 'credit'],
  ['Refund', 'refund'],
  ['Tax', 'tax'],
]);

function recordTypeOf(row: Row, type: string): RecordType {
  if (type === 'Fee' && row.text('reservation_reservation_a_r_n') !== '') return 'purchase';
  if (type === '') throw badCell(row, 'line_item_line_item_type', 'is not there');
  // EdpDiscount, PrivateRateDiscount, BundledDiscount, SppDiscount and whatever contract comes next.
  return type.endsWith('Discount') ? 'discount' : (recordTypes.get(type) ?? 'adjustment');
}

/** The cost with commitments spread over their use; null where the file leaves out a column that tells it. */
function amortizedOf(row: Row, type: string, cost: Exact): Exact | null {
  switch (type) {
    case 'DiscountedUsage':
      return exactIn(row, 'reservation_effective_cost');
    case 'SavingsPlanCoveredUsage':
      return exactIn(row, 'savings_plan_savings_plan_effective_cost');
    case 'SavingsPlanNegation':
    case 'SavingsPlanUpfrontFee':
      return exactZero;
    case 'SavingsPlanRecurringFee':
      return both(
        exactIn(row, 'savings_plan_total_commitment_to_date'),
        negatedOrNull(exactIn(row, 'savings_plan_used_commitment')),
      );
    case 'RIFee':
      return both(
        exactIn(row, 'reservation_unused_amortized_upfront_fee_for_billing_period'),
        exactIn(row, 'reservation_unused_recurring_fee'),
      );
    case 'Fee':
      return row.text('reservation_reservation_a_r_n') === '' ? cost : exactZero;
    default:
      return cost;
  }
}

function both(a: Exact | null, b: Exact | null): Exact | null {
  return a === null || b === null ? null : addExact(a, b);
}

function negatedOrNull(exact: Exact | null): Exact | null {
  return exact === null ? null : negated(exact);
}
