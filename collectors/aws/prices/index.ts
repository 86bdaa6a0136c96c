import { ExternalError } from '../../../agent/core/errors.ts';
import { settleListed } from '../../../agent/core/listed-prices.ts';
import type { ListedPrice } from '../../../agent/core/listed-prices.ts';
import type {
  CanonicalOf,
  PriceList,
  PriceListing,
  PriceSkip,
} from '../../../agent/core/price-list.ts';
import { minuteMs } from '../../../agent/core/time.ts';
import type { Clock } from '../../../agent/core/time.ts';
import { askJson, listOrigin } from '../../../agent/core/web-answer.ts';
import { readOffer } from './offer.ts';
import { pricesOfOffer } from './rows.ts';

export interface AwsPriceListConfig {
  /** `us-east-1` …; none: nothing is asked. */
  readonly regions: readonly string[];
  /** Where the public files are; https, or http on loopback. */
  readonly endpoint?: string;
  /** For one file, every byte of it; 120,000 unless given. */
  readonly timeoutMs?: number;
  /** Of one file, unpacked; one is held in memory at a time. 128 MiB unless given. */
  readonly maxBytes?: number;
}

export interface PriceListDeps {
  readonly clock: Pick<Clock, 'now'>;
  /** Knows a Bedrock model id; no version is given beside it. */
  readonly canonicalOf: CanonicalOf;
}

/** Bedrock's prices are spread over three services, and not every region has each. */
const serviceCodes = [
  'AmazonBedrock',
  'AmazonBedrockFoundationModels',
  'AmazonBedrockService',
] as const;

const publicEndpoint = 'https://pricing.us-east-1.amazonaws.com';
const defaultTimeoutMs = 2 * minuteMs;
const defaultMaxBytes = 128 * 1024 * 1024;

/**
 * The AWS Price List by its public bulk files, without credentials: one request a service and region. Throws an Error
 * for an endpoint that is none.
 * https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-the-aws-price-list-bulk-api.html
 */
export function createAwsPriceList(config: AwsPriceListConfig, deps: PriceListDeps): PriceList {
  const origin = listOrigin(config.endpoint ?? publicEndpoint);
  const regions = [...new Set(config.regions)];
  return {
    name: 'aws_price_list',
    fetch: (signal) => fetchAll(origin, regions, config, deps, signal),
  };
}

async function fetchAll(
  origin: string,
  regions: readonly string[],
  config: AwsPriceListConfig,
  { clock, canonicalOf }: PriceListDeps,
  signal: AbortSignal,
): Promise<PriceListing> {
  const fetchedAt = clock.now();
  const listed: ListedPrice[] = [];
  const skipped: PriceSkip[] = [];
  const versions: string[] = [];
  const files = regions.flatMap((region) => serviceCodes.map((code) => ({ code, region })));
  for (const { code, region } of files) {
    const operation = `pricing:GET ${code} of ${region}`;
    const path = `/offers/v1.0/aws/${code}/current/${encodeURIComponent(region)}/index.json`;
    const document = await askJson(
      {
        operation,
        url: new URL(path, origin),
        timeoutMs: config.timeoutMs ?? defaultTimeoutMs,
        maxBytes: config.maxBytes ?? defaultMaxBytes,
        isAbsent,
      },
      (url, stop) => fetch(url, { signal: stop, redirect: 'manual' }),
      signal,
      () => clock.now(),
    );
    if (document === undefined) {
      skipped.push({ reference: `${code}/${region}`, name: path, reason: 'no_list' });
      continue;
    }
    const offer = readOffer(document);
    if (offer === undefined) throw unread(operation, 'this is no offer file');
    const found = pricesOfOffer(offer, { serviceCode: code, region, fetchedAt, canonicalOf });
    listed.push(...found.listed);
    skipped.push(...found.skipped);
    versions.push(offer.version);
  }
  if (files.length > 0 && listed.length === 0) {
    throw unread(
      `pricing:GET ${serviceCodes.join(', ')}`,
      'not one price of a model in all regions',
    );
  }
  const settled = settleListed(listed);
  return {
    source: 'aws_price_list',
    regions,
    prices: settled.prices,
    skipped: [...skipped, ...settled.skipped],
    version: versions.toSorted().at(-1) ?? '',
    fetchedAt,
    requests: files.length,
  };
}

/**
 * Files stand in object storage, which answers 403 in its own words for what is not there.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
function isAbsent(status: number, body: string): boolean {
  return status === 403 && body.includes('<Code>AccessDenied</Code>');
}

function unread(operation: string, said: string): ExternalError {
  return new ExternalError(`${operation}: ${said}`, {
    reason: 'bad_response',
    operation,
    hint: 'Nothing was kept. Look at what answers at this address, and at the regions that are asked for.',
  });
}
