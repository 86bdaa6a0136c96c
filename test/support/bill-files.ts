import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BillLine, MeaningOf } from '../../agent/core/bill.ts';
import type { ImportedBills } from '../../agent/core/bill-file.ts';
import { isoUtc } from '../../agent/core/time.ts';
import { readBillFiles } from '../../collectors/files/index.ts';
import { temporaryFolder } from './cli-world.ts';

/** Some weeks after October 2026 was billed. */
export const afterOctober = Date.UTC(2026, 10, 25, 12);

export const billFixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/bills/${name}`, import.meta.url));

const nothingKnown: MeaningOf = () => 'unknown_name';

export async function readBills(
  paths: string | readonly string[],
  deps: Partial<Parameters<typeof readBillFiles>[1]> = {},
): Promise<ImportedBills> {
  return readBillFiles([paths].flat(), {
    meaningOf: () => nothingKnown,
    now: afterOctober,
    signal: new AbortController().signal,
    ...deps,
  });
}

export type Cells = Readonly<Record<string, string>>;

/** A row of CUR 2.0 that is good, to be changed where a test cares. */
export function curRow(change: Cells = {}): Cells {
  return {
    bill_billing_period_start_date: '2026-10-01T00:00:00.000Z',
    bill_billing_period_end_date: '2026-11-01T00:00:00.000Z',
    bill_payer_account_id: '111122223333',
    bill_invoice_id: '',
    line_item_usage_account_id: '444455556666',
    line_item_usage_start_date: '2026-10-05T10:00:00.000Z',
    line_item_line_item_type: 'Usage',
    line_item_product_code: 'AmazonBedrock',
    line_item_usage_type: 'USE1-NovaPro-input-tokens',
    line_item_usage_amount: '10',
    line_item_unblended_cost: '0.008',
    line_item_currency_code: 'USD',
    pricing_unit: '1K tokens',
    product_region_code: 'us-east-1',
    ...change,
  };
}

/** A row of FOCUS that is good and Microsoft's. */
export function focusRow(change: Cells = {}): Cells {
  return {
    BilledCost: '1.5',
    EffectiveCost: '1.25',
    BillingAccountId: '1234567',
    BillingCurrency: 'USD',
    BillingPeriodStart: '2026-10-01T00:00:00Z',
    BillingPeriodEnd: '2026-11-01T00:00:00Z',
    ChargeCategory: 'Usage',
    ChargeClass: '',
    ChargeDescription: '',
    ChargePeriodStart: '2026-10-05T00:00:00Z',
    ConsumedQuantity: '1500000',
    ConsumedUnit: 'Tokens',
    PricingQuantity: '1.5',
    PricingUnit: '1M Tokens',
    ProviderName: 'Microsoft',
    RegionId: 'East US',
    ResourceId: '',
    ResourceName: 'Search',
    ServiceName: 'Azure OpenAI',
    SkuId: 'SKU',
    SkuMeter: 'GPT 5 input',
    SubAccountId: '00000000-0000-0000-0000-000000000001',
    ...change,
  };
}

export function csvText(rows: readonly Cells[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const lines = rows.map((row) => columns.map((name) => field(row[name] ?? '')).join(','));
  return [columns.join(','), ...lines, ''].join('\n');
}

function field(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The path of a file with this content, in a folder of its own. */
export function billFile(content: string | Uint8Array, name = 'bills.csv'): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

/** `2026-10-05 444455556666 us-east-1 | Amazon Bedrock | meter | usage 1200.6 1K tokens | 0.96048 USD, amortized 0.96048` */
export function lineText(line: BillLine): string {
  const { account, region, resource, service, meter, recordType } = line;
  const place = [isoUtc(line.day).slice(0, 10), account, region, resource];
  const amount = [recordType, line.quantity ?? '–', line.unit].filter((text) => text !== '');
  const money = `${line.cost} ${line.currency}, amortized ${line.amortizedCost ?? '–'}`;
  return [
    place.filter((text) => text !== '').join(' '),
    service,
    meter,
    amount.join(' '),
    money,
  ].join(' | ');
}
