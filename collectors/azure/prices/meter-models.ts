/** What the names of meters call a model, and how Azure's deployments call it. */
export interface MeterModel {
  /** The first words of the name, in lower case, parted by blanks. */
  readonly words: string;
  /** As in a deployment's `properties.model.name`. */
  readonly model: string;
  /** Of the deployment's `properties.model.version`; empty where the meter is one for all of them. */
  readonly version: string;
  /** The product under which the words mean this model: short ones (`5.4`, `4.3`, `r1`) mean others elsewhere. */
  readonly product?: string;
  /** Names of its meters say no direction: there is only input. */
  readonly inputOnly?: true;
}

/** Products, as the list spells them. */
export const products = {
  gpt5: 'Azure OpenAI GPT5',
  deepseek: 'Azure Deepseek Models',
  llama: 'Azure Llama Models',
  grok: 'Azure Grok Models',
  phi: 'Azure Phi Models',
} as const;

const openai: readonly (readonly [words: string, model: string, version: string])[] = [
  ['gpt 4o 1120', 'gpt-4o', '2024-11-20'],
  ['gpt 4o 0806', 'gpt-4o', '2024-08-06'],
  ['gpt 4o 0513', 'gpt-4o', '2024-05-13'],
  ['gpt 4o mini 0718', 'gpt-4o-mini', '2024-07-18'],
  ['gpt 4o mini0718', 'gpt-4o-mini', '2024-07-18'],
  ['gpt 4.1', 'gpt-4.1', ''],
  ['gpt 4.1 mini', 'gpt-4.1-mini', ''],
  ['gpt 4.1 nano', 'gpt-4.1-nano', ''],
  ['o1 1217', 'o1', '2024-12-17'],
  ['o3 0416', 'o3', '2025-04-16'],
  ['o3 mini 0131', 'o3-mini', '2025-01-31'],
  ['o4 mini 0416', 'o4-mini', '2025-04-16'],
  ['gpt 5 pro', 'gpt-5-pro', ''],
  ['gpt 5 codex', 'gpt-5-codex', ''],
  ['gpt 35 turbo16k 0125', 'gpt-35-turbo', '0125'],
  ['gpt 35 turbo 16k 0125', 'gpt-35-turbo', '0125'],
];

const gpt5: readonly (readonly [words: string, model: string, version: string])[] = [
  ['gpt 5', 'gpt-5', ''],
  ['gpt 5 mini', 'gpt-5-mini', ''],
  ['gpt 5 nano', 'gpt-5-nano', ''],
  ['5.2 chat 0210', 'gpt-5.2-chat', '2026-02-10'],
];

const embeddings: readonly (readonly [words: string, model: string])[] = [
  ['text embedding 3 large', 'text-embedding-3-large'],
  ['text embedding 3 small', 'text-embedding-3-small'],
  ['embedding ada', 'text-embedding-ada-002'],
];

/** The longest words that a name begins with are its model. */
export const meterModels: readonly MeterModel[] = [
  ...openai.map(([words, model, version]) => ({ words, model, version })),
  ...gpt5.map(([words, model, version]) => ({ words, model, version, product: products.gpt5 })),
  ...embeddings.map(([words, model]) => ({ words, model, version: '', inputOnly: true as const })),
  { words: 'phi 4', model: 'Phi-4', version: '', product: products.phi },
  { words: 'r1', model: 'DeepSeek-R1', version: '', product: products.deepseek },
  { words: 'llama 3.3 70b', model: 'Llama-3.3-70B-Instruct', version: '', product: products.llama },
  { words: '4.3', model: 'grok-4.3', version: '', product: products.grok },
];

/**
 * OpenAI's numbered models, of which a new one comes every few weeks, as the product for them writes them: `5.6 terra`,
 * `6 astra`, `5.1 codex mini`. A hint: it is believed where every further word of the name is known.
 */
export const numberedModel =
  /^(?:gpt )?([5-9](?:\.\d)?)((?: (?:astra|luna|sol|terra|chat|codex|mini|nano|pro|max))*)(?= )/;

/** A month and a day behind such a model name a version whose year nobody tells. */
export const monthDay = /^(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])$/;

/** Capacity: one unit (a PTU) for an hour, used or not, of any model of the product. */
export const provisionedMeters: ReadonlyMap<string, 'global' | 'data_zone' | 'in_region'> = new Map(
  [
    ['Provisioned Managed Global Unit', 'global'],
    ['Provisioned Managed Data Zone Unit', 'data_zone'],
    ['Provisioned Managed Regional Unit', 'in_region'],
  ],
);

/** Whose models a product's capacity serves, as canonical models with a star. */
export const provisionedProducts: ReadonlyMap<string, string> = new Map([
  ['Azure OpenAI', 'openai/*'],
  [products.deepseek, 'deepseek/*'],
  [products.llama, 'meta/*'],
  ['Azure Mistral Models', 'mistral/*'],
]);

/**
 * Input tokens above which OpenAI's models from GPT-5.4 on charge a request as a long one (`LongCo`).
 * https://developers.openai.com/api/docs/pricing
 */
export const longContextThreshold = 272_000;
