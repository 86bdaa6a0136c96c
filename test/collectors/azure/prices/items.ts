/** Items in the shape of Microsoft's documented sample; names and prices as published, meter ids made up. */
export type RetailItem = Readonly<Record<string, unknown>>;

export const gpt4o: RetailItem = {
  currencyCode: 'USD',
  tierMinimumUnits: 0.0,
  retailPrice: 0.0025,
  unitPrice: 0.0025,
  armRegionName: 'eastus',
  location: 'US East',
  effectiveStartDate: '2024-12-01T00:00:00Z',
  meterId: '00000000-0000-0000-0000-000000000001',
  meterName: 'gpt 4o 1120 Inp glbl Tokens',
  productId: 'DZH318Z08NRP',
  skuId: 'DZH318Z08NRP/0001',
  productName: 'Azure OpenAI',
  skuName: 'gpt 4o 1120 Inp glbl',
  serviceName: 'Foundry Models',
  serviceFamily: 'AI + Machine Learning',
  unitOfMeasure: '1K',
  type: 'Consumption',
  isPrimaryMeterRegion: true,
  armSkuName: 'gpt 4o 1120 Inp glbl',
};

export const gpt54: RetailItem = {
  ...gpt4o,
  retailPrice: 2.5,
  effectiveStartDate: '2026-03-01T00:00:00Z',
  meterId: '00000000-0000-0000-0000-000000000002',
  meterName: '5.4 inp Gl 1M Tokens',
  productName: 'Azure OpenAI GPT5',
  unitOfMeasure: '1M',
};

export const ptu: RetailItem = {
  ...gpt4o,
  retailPrice: 1.0,
  meterId: '00000000-0000-0000-0000-000000000003',
  meterName: 'Provisioned Managed Global Unit',
  unitOfMeasure: '1/Hour',
};

export function pageOf(items: readonly unknown[], next: string | null = null): string {
  return JSON.stringify({
    BillingCurrency: 'USD',
    CustomerEntityId: 'Default',
    CustomerEntityType: 'Retail',
    Items: items,
    NextPageLink: next,
    Count: items.length,
  });
}
