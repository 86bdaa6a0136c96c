/** Offer files in the shape of the Price List's bulk files, trimmed: the row of Claude 2.0 is a real one of 2025. */

export interface OfferedRow {
  readonly usagetype: string;
  readonly usd?: unknown;
  readonly unit?: string;
  readonly description?: string;
  readonly effectiveDate?: string;
  readonly beginRange?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

export const claude2: OfferedRow = {
  usagetype: 'USE1-Claude2.0-input-tokens',
  usd: '0.0080000000',
  unit: '1K tokens',
  description: '$0.00800 per 1K tokens for Claude2.0-input-tokens inUS East (N. Virginia)',
  effectiveDate: '2025-06-01T00:00:00Z',
  attributes: {
    regionCode: 'us-east-1',
    inferenceType: 'Input tokens',
    servicecode: 'AmazonBedrock',
    feature: 'On-demand Inference',
    provider: 'Anthropic',
    locationType: 'AWS Region',
    location: 'US East (N. Virginia)',
    model: 'Claude 2.0',
    servicename: 'Amazon Bedrock',
    operation: '',
  },
};

/** A row of the marketplace: nothing but its service's name says which model it is. */
export function edition(name: string, usagetype: string, usd: string): OfferedRow {
  return {
    usagetype,
    usd,
    unit: '1M tokens',
    attributes: { regionCode: 'us-east-1', servicename: `${name} (Amazon Bedrock Edition)` },
  };
}

/** One file; the rate code of the first row is `SKU0.T.D`. */
export function offerFile(rows: readonly OfferedRow[], version = '20250618225550'): string {
  const products = rows.map(({ usagetype, attributes }, index) => [
    `SKU${index}`,
    { sku: `SKU${index}`, attributes: { usagetype, regionCode: 'us-east-1', ...attributes } },
  ]);
  const terms = rows.map((row, index) => {
    const rateCode = `SKU${index}.T.D`;
    const dimension = {
      rateCode,
      unit: row.unit ?? '1K tokens',
      description: row.description ?? '',
      beginRange: row.beginRange ?? '0',
      endRange: 'Inf',
      pricePerUnit: 'usd' in row ? { USD: row.usd } : { CNY: '1.0' },
    };
    return [
      `SKU${index}`,
      {
        [`SKU${index}.T`]: {
          effectiveDate: row.effectiveDate ?? '2026-11-01T00:00:00Z',
          priceDimensions: { [rateCode]: dimension },
        },
      },
    ];
  });
  return JSON.stringify({
    formatVersion: 'v1.0',
    offerCode: 'AmazonBedrock',
    version,
    publicationDate: '2025-06-18T22:55:50Z',
    products: Object.fromEntries(products),
    terms: { OnDemand: Object.fromEntries(terms) },
  });
}
