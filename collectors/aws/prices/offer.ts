import * as z from 'zod';
import type { PriceSkip } from '../../../agent/core/price-list.ts';
import type { Instant } from '../../../agent/core/time.ts';

/**
 * One region's file of one service, as the Price List serves it in bulk. What is in it is looked at row by row, so that
 * one odd row spoils no other.
 * https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html
 */
const offerFile = z.object({
  version: z.string().min(1),
  publicationDate: z.string(),
  products: z.record(z.string(), z.unknown()),
  terms: z.object({ OnDemand: z.record(z.string(), z.unknown()).optional() }),
});

const product = z.object({ attributes: z.record(z.string(), z.string()) });
const terms = z.record(
  z.string(),
  z.object({ effectiveDate: z.string(), priceDimensions: z.record(z.string(), z.unknown()) }),
);
const dimension = z.object({
  rateCode: z.string().min(1),
  unit: z.string(),
  description: z.string().default(''),
  beginRange: z.string().default('0'),
  pricePerUnit: z.record(z.string(), z.unknown()),
});

/** One price of the file. */
export interface OfferRow {
  readonly attributes: Readonly<Record<string, string>>;
  readonly rateCode: string;
  readonly unit: string;
  readonly description: string;
  readonly beginRange: string;
  /** A decimal text; undefined where the price is not in US dollars. */
  readonly usd: string | undefined;
  readonly effective: Instant;
}

export interface Offer {
  readonly version: string;
  readonly rows: readonly OfferRow[];
  readonly skipped: readonly PriceSkip[];
}

/** Undefined for what is no offer file. */
export function readOffer(document: unknown): Offer | undefined {
  const file = offerFile.safeParse(document).data;
  if (file === undefined) return undefined;
  const rows: OfferRow[] = [];
  const skipped: PriceSkip[] = [];
  const onDemand = file.terms.OnDemand ?? {};
  for (const [sku, raw] of Object.entries(file.products)) {
    const attributes = product.safeParse(raw).data?.attributes;
    const name = attributes?.['usagetype'] ?? '';
    const offered = terms.safeParse(onDemand[sku] ?? {}).data;
    if (attributes === undefined || name === '' || offered === undefined) {
      skipped.push({ reference: sku, name, reason: 'malformed' });
      continue;
    }
    for (const { effectiveDate, priceDimensions } of Object.values(offered)) {
      const effective = Date.parse(effectiveDate);
      for (const [code, one] of Object.entries(priceDimensions)) {
        const { data } = dimension.safeParse(one);
        if (data === undefined || Number.isNaN(effective)) {
          skipped.push({ reference: code, name, reason: 'malformed' });
          continue;
        }
        const { pricePerUnit, ...rest } = data;
        const { USD: dollars } = pricePerUnit;
        const usd = typeof dollars === 'string' ? dollars : undefined;
        rows.push({ attributes, ...rest, usd, effective });
      }
    }
  }
  return { version: file.version, rows, skipped };
}
