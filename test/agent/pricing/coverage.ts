import { readFileSync } from 'node:fs';
import type { RateCard, Rater, RatingSubject } from '../../../agent/core/rating.ts';
import { identifyAzure, identifyBedrock } from '../../../agent/normalize/identity.ts';
import type {
  AzureModelFacts,
  BedrockModelFacts,
  ModelIdentity,
} from '../../../agent/normalize/identity.ts';
import { tierOfSku } from '../../../agent/normalize/routing.ts';
import type { DefaultBook } from '../../../agent/pricing/genai/book.ts';
import { leftOutReasons } from './crosscheck-known.ts';
import { dollars } from './report.ts';

/** The day for which everything is priced. */
const coverageAt = Date.UTC(2026, 10, 1);

interface VendorIds {
  readonly aws: readonly string[];
  readonly azure: readonly {
    readonly name: string;
    readonly version: string;
    readonly format: string;
  }[];
}

export function vendorIds(): VendorIds {
  const path = new URL('../../fixtures/prices/vendor-ids.json', import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8')) as VendorIds;
}

/** One thing that a cloud's meter may name, and who it is. */
export interface Named {
  readonly said: string;
  readonly subject: RatingSubject;
  readonly identity: ModelIdentity;
}

const anywhere = { account: '', region: '' } as const;

export function bedrock(modelId: string, profile?: BedrockModelFacts['profile']): Named {
  const facts = { modelId, endpoint: 'runtime' as const, ...(profile && { profile }) };
  const identity = identifyBedrock(facts, new Map());
  const subject: RatingSubject = { ...identity, ...anywhere, cloud: 'aws', tier: 'standard' };
  return { said: modelId, subject, identity };
}

export function azure(said: string, facts: AzureModelFacts): Named {
  const identity = identifyAzure(facts, new Map());
  const sku = facts.inventory && tierOfSku(facts.inventory.skuName);
  const tier = sku?.tier ?? 'unknown';
  return { said, subject: { ...identity, ...anywhere, cloud: 'azure', tier }, identity };
}

/** `id, model, routing, in, out, price from` or why it has none. */
export function rowOf({ said, subject }: Named, rater: Rater, book: DefaultBook) {
  const spans = rater.cardsOf(subject);
  const card = spans.find(({ from, to }) => from <= coverageAt && coverageAt < to)?.card;
  const origin = card?.origins.input?.[0];
  const version = subject.modelVersion === '' ? '' : ` ${subject.modelVersion}`;
  return [
    said,
    `${subject.model}${version}`,
    subject.routing,
    dollars(card?.short.input?.best),
    dollars(card?.short.output?.best),
    origin === undefined
      ? `unpriced: ${whyUnpriced(subject, book)}`
      : `${origin.source} ${origin.sourceVersion} ${origin.reference}`,
    rangeReasons(card),
  ];
}

/** Of the kinds that the price book is the cause of. */
function rangeReasons(card: RateCard | undefined): string {
  const reasons = new Set(Object.values(card?.reasons ?? {}).flat());
  return [...reasons].toSorted().join(', ') || '-';
}

/** A sentence; `unknown` where no rule has one, which fails the test. */
function whyUnpriced({ cloud, model }: RatingSubject, { prices, leftOut }: DefaultBook): string {
  const left = leftOutReasons(leftOut).get(`${cloud} ${model}`);
  if (left !== undefined) return leftOutWords[left] ?? `left out of the default book, ${left}`;
  if (countsNoTokens.test(model)) return 'charged by image, second or search, not by token';
  const isPriced = prices.some((price) => price.cloud === cloud && price.model === model);
  if (!isPriced) return `the package has no such model on ${cloud}`;
  return 'unknown';
}

const leftOutWords: Readonly<Record<string, string>> = {
  mixed_modalities: 'the meter counts text and other media in one number',
  own_azure_price: "the package has the developer's price, not Azure's",
  resold: "the package has a reseller's price",
};

const countsNoTokens =
  /^(?:luma|stability|twelvelabs)\/|\/(?:nova-canvas|nova-reel|titan-image|rerank|dall-e)/;
