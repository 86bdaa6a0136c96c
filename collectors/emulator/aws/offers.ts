import { jsonAnswer } from '../http.ts';
import type { Answer, Received } from '../http.ts';

/**
 * The Price List's public bulk files of the scenario's models: small ones, with prices as they were published or close to
 * it, one row of each kind that must not be taken for a price, and everything as decimal text.
 */

const prefixes: ReadonlyMap<string, string> = new Map([
  ['us-east-1', 'USE1'],
  ['us-west-2', 'USW2'],
  ['eu-central-1', 'EUC1'],
]);

export interface OfferRow {
  /** `#` stands for the region's prefix. */
  readonly usagetype: string;
  readonly usd: string;
  readonly unit: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Per thousand tokens. */
function billed(model: string, usagetype: string, usd: string): OfferRow {
  const attributes = { model, servicename: 'Amazon Bedrock', feature: 'On-demand Inference' };
  return { usagetype: `#-${usagetype}`, usd, unit: '1K tokens', attributes };
}

/** Per million tokens, regional and global. */
function edition(
  model: string,
  words: string,
  regional: string,
  global: string,
): readonly OfferRow[] {
  const attributes = { servicename: `${model} (Amazon Bedrock Edition)` };
  const unit = '1M tokens';
  return [
    { usagetype: `#-MP:#_${words}_standard-Units`, usd: regional, unit, attributes },
    { usagetype: `#-MP:#_${words}_global_standard-Units`, usd: global, unit, attributes },
  ];
}

function mantle(id: string, input: string, output: string): readonly OfferRow[] {
  return [
    billed(id, `${id}-mantle-input-tokens-standard`, input),
    billed(id, `${id}-mantle-output-tokens-standard`, output),
  ];
}

const sol = 'OpenAI GPT-5.6 Sol';
const sonnet = 'Claude Sonnet 4.6';
const opus = 'Claude Opus 4.7';

const files: Readonly<Record<string, readonly OfferRow[]>> = {
  AmazonBedrock: [
    billed('Nova Pro', 'NovaPro-input-tokens', '0.0008000000'),
    billed('Nova Pro', 'NovaPro-output-tokens', '0.0032000000'),
    billed('Nova Pro', 'NovaPro-cache-read-input-token-count', '0.0002000000'),
    billed('Nova Pro', 'NovaPro-input-tokens-latency-optimized', '0.0010000000'),
    ...(['', '-flex', '-priority'] as const).flatMap((tier, index) => [
      billed(
        'gpt-oss-120b',
        `gpt-oss-120b-input-tokens${tier}`,
        ['0.00015', '0.000075', '0.0002625'][index] ?? '',
      ),
      billed(
        'gpt-oss-120b',
        `gpt-oss-120b-output-tokens${tier}`,
        ['0.0006', '0.0003', '0.00105'][index] ?? '',
      ),
    ]),
    ...mantle('openai.gpt-5.4', '0.00275', '0.0165'),
    ...mantle('openai.gpt-5.5', '0.0055', '0.033'),
    ...mantle('moonshotai.kimi-k2.5', '0.0006', '0.003'),
    ...mantle('zai.glm-5', '0.001', '0.0032'),
    {
      usagetype: '#-Guardrail-ContentPolicyUnitsConsumed',
      usd: '0.15',
      unit: 'TextUnits',
      attributes: {},
    },
  ],
  AmazonBedrockFoundationModels: [
    ...edition(sol, 'input_tokens', '4.40', '4.00'),
    ...edition(sol, 'cache_read_tokens', '0.44', '0.40'),
    ...edition(sol, 'cache_write_tokens_30m', '5.50', '5.00'),
    ...edition(sol, 'output_tokens', '22.00', '20.00'),
    ...edition(sol, 'input_tokens_long_ctx', '8.80', '8.00'),
    ...edition(sol, 'cache_read_tokens_long_ctx', '0.88', '0.80'),
    ...edition(sol, 'cache_write_tokens_30m_long_ctx', '11.00', '10.00'),
    ...edition(sol, 'output_tokens_long_ctx', '33.00', '30.00'),
    ...edition(sonnet, 'input_tokens', '3.30', '3.00'),
    ...edition(sonnet, 'cache_read_tokens', '0.33', '0.30'),
    ...edition(sonnet, 'cache_write_tokens', '4.125', '3.75'),
    ...edition(sonnet, 'cache_write_tokens_1h', '6.60', '6.00'),
    ...edition(sonnet, 'output_tokens', '16.50', '15.00'),
    ...edition(opus, 'input_tokens', '5.50', '5.00'),
    ...edition(opus, 'cache_read_tokens', '0.55', '0.50'),
    ...edition(opus, 'cache_write_tokens', '6.875', '6.25'),
    ...edition(opus, 'cache_write_tokens_1h', '11.00', '10.00'),
    ...edition(opus, 'output_tokens', '27.50', '25.00'),
  ],
};

/** Every price of the list, wherever it stands. */
export const offers: readonly OfferRow[] = Object.values(files).flat();

/** What a region's usage types begin with. */
export function prefixOf(region: string): string {
  return prefixes.get(region) ?? '';
}

const version = '20261001120000';
const effectiveDate = '2026-08-21T00:00:00Z';
const address = /^\/offers\/v1\.0\/aws\/(\w+)\/current\/([\w-]+)\/index\.json$/;

/** Undefined for an address that is none of the Price List's. It asks for no signature. */
export function answerOffer({ url }: Received): Answer | undefined {
  const [, code, region = ''] = address.exec(url.pathname) ?? [];
  if (code === undefined) return undefined;
  const rows = files[code];
  const prefix = prefixes.get(region);
  if (rows === undefined || prefix === undefined) return { status: 404, body: '<Error/>' };
  return jsonAnswer(200, offerFile(code, region, rows, prefix));
}

function offerFile(
  offerCode: string,
  regionCode: string,
  rows: readonly OfferRow[],
  prefix: string,
) {
  const skus = rows.map((row, index) => ({ ...row, sku: `${prefix}${offerCode.length}${index}` }));
  return {
    formatVersion: 'v1.0',
    offerCode,
    version,
    publicationDate: '2026-10-01T12:00:00Z',
    products: Object.fromEntries(
      skus.map(({ sku, usagetype, attributes }) => [
        sku,
        {
          sku,
          attributes: {
            ...attributes,
            servicecode: offerCode,
            regionCode,
            usagetype: usagetype.replaceAll('#', prefix),
          },
        },
      ]),
    ),
    terms: {
      OnDemand: Object.fromEntries(skus.map(({ sku, usd, unit }) => [sku, termOf(sku, usd, unit)])),
    },
  };
}

function termOf(sku: string, usd: string, unit: string) {
  const term = `${sku}.JRTCKXETXF`;
  const rateCode = `${term}.6YS6EN2CT7`;
  const dimension = {
    rateCode,
    unit,
    beginRange: '0',
    endRange: 'Inf',
    description: `$${usd} per ${unit}`,
    appliesTo: [],
    pricePerUnit: { USD: usd },
  };
  return { [term]: { sku, effectiveDate, priceDimensions: { [rateCode]: dimension } } };
}
