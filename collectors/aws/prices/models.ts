/**
 * What the Price List calls a model, and the id Bedrock knows it by, without revision where all revisions cost the
 * same. Keys are written as `squashed` makes them, so that a display name (`Nova 2.0 Lite`) and the word of a usage
 * type (`Nova2.0Lite`) are one key.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html
 */
const named: ReadonlyMap<string, string> = new Map([
  ['claudeinstant', 'anthropic.claude-instant-v1'],
  ['claude2.0', 'anthropic.claude-v2'],
  ['claude2.1', 'anthropic.claude-v2:1'],
  ['claude3haiku', 'anthropic.claude-3-haiku'],
  ['claude3sonnet', 'anthropic.claude-3-sonnet'],
  ['claude3opus', 'anthropic.claude-3-opus'],
  ['claude3.5haiku', 'anthropic.claude-3-5-haiku'],
  ['claude35haiku', 'anthropic.claude-3-5-haiku'],
  ['claude3.5sonnet', 'anthropic.claude-3-5-sonnet-20240620-v1:0'],
  ['claude3.5sonnetv2', 'anthropic.claude-3-5-sonnet-20241022-v2:0'],
  ['claude3.7sonnet', 'anthropic.claude-3-7-sonnet'],

  ['novamicro', 'amazon.nova-micro-v1:0'],
  ['novalite', 'amazon.nova-lite-v1:0'],
  ['novapro', 'amazon.nova-pro-v1:0'],
  ['novapremier', 'amazon.nova-premier-v1:0'],
  ['nova2.0lite', 'amazon.nova-2-lite-v1:0'],
  ['nova2.0pro', 'amazon.nova-2-pro-v1:0'],
  ['titantextg1lite', 'amazon.titan-text-lite-v1'],
  ['titantextg1express', 'amazon.titan-text-express-v1'],
  ['titantextg1premier', 'amazon.titan-text-premier-v1:0'],
  ['titanembeddingsv2text', 'amazon.titan-embed-text-v2:0'],
  ['titanembeddingsv2textinput', 'amazon.titan-embed-text-v2:0'],
  ['titanembeddingv2text', 'amazon.titan-embed-text-v2:0'],

  ['llama38b', 'meta.llama3-8b-instruct-v1:0'],
  ['llama370b', 'meta.llama3-70b-instruct-v1:0'],
  ['llama3.18b', 'meta.llama3-1-8b-instruct-v1:0'],
  ['llama3.170b', 'meta.llama3-1-70b-instruct-v1:0'],
  ['llama3.1405b', 'meta.llama3-1-405b-instruct-v1:0'],
  ['llama3.21b', 'meta.llama3-2-1b-instruct-v1:0'],
  ['llama3.23b', 'meta.llama3-2-3b-instruct-v1:0'],
  ['llama3.211b', 'meta.llama3-2-11b-instruct-v1:0'],
  ['llama3.290b', 'meta.llama3-2-90b-instruct-v1:0'],
  ['llama3.370b', 'meta.llama3-3-70b-instruct-v1:0'],
  ['llama4maverick17b', 'meta.llama4-maverick-17b-instruct-v1:0'],
  ['llama4scout17b', 'meta.llama4-scout-17b-instruct-v1:0'],

  ['mistral7b', 'mistral.mistral-7b-instruct-v0:2'],
  ['mixtral8x7b', 'mistral.mixtral-8x7b-instruct-v0:1'],
  ['mistralsmall', 'mistral.mistral-small-2402-v1:0'],
  ['mistrallarge', 'mistral.mistral-large-2402-v1:0'],
  ['mistrallarge2407', 'mistral.mistral-large-2407-v1:0'],
  ['pixtrallarge25.02', 'mistral.pixtral-large-2502-v1:0'],

  ['deepseekr1', 'deepseek.r1-v1:0'],
  ['r1', 'deepseek.r1-v1:0'],
  ['deepseekv3.1', 'deepseek.v3-v1:0'],
  ['gptoss20b', 'openai.gpt-oss-20b-1:0'],
  ['gptoss120b', 'openai.gpt-oss-120b-1:0'],
  ['gptosssafeguard20b', 'openai.gpt-oss-safeguard-20b'],
  ['gptosssafeguard120b', 'openai.gpt-oss-safeguard-120b'],
  ['qwen332b', 'qwen.qwen3-32b-v1:0'],
  ['qwen3coder30ba3b', 'qwen.qwen3-coder-30b-a3b-v1:0'],
  ['qwen3coder480ba35b', 'qwen.qwen3-coder-480b-a35b-v1:0'],
  ['qwen3235ba22b2507', 'qwen.qwen3-235b-a22b-2507-v1:0'],
  ['commandr', 'cohere.command-r-v1:0'],
  ['commandr+', 'cohere.command-r-plus-v1:0'],
  ['jamba1.5large', 'ai21.jamba-1-5-large-v1:0'],
  ['jamba1.5mini', 'ai21.jamba-1-5-mini-v1:0'],
]);

/** Families whose names follow a rule: a hint for those that are newer than the table above. */
const regular: readonly { readonly shape: RegExp; readonly id: (...parts: string[]) => string }[] =
  [
    {
      // Claude Sonnet 4.6, Claude Opus 4
      shape: /^claude(fable|haiku|mythos|opus|sonnet)([4-9])(?:\.(\d))?$/,
      id: (line, major, minor) => `anthropic.claude-${line}-${major}${minor && `-${minor}`}`,
    },
    {
      // Claude4.6Sonnet, Claude 4.6 Sonnet
      shape: /^claude([4-9])(?:\.(\d))?(fable|haiku|mythos|opus|sonnet)$/,
      id: (major, minor, line) => `anthropic.claude-${line}-${major}${minor && `-${minor}`}`,
    },
    {
      // OpenAI GPT-5.6 Sol, GPT-5.5
      shape: /^(?:openai)?gpt([5-9](?:\.\d)?)(astra|luna|sol|terra)?$/,
      id: (number, name) => `openai.gpt-${number}${name && `-${name}`}`,
    },
  ];

/** Lower case, without blanks, hyphens, underscores and brackets. */
function squashed(name: string): string {
  return name.toLowerCase().replaceAll(/[\s\-_()]/g, '');
}

/** `openai.gpt-5.5`, `qwen.qwen3-32b-v1:0`: a word that is an id already. */
const idShape = /^[a-z][a-z0-9]*\.[a-z][a-z0-9.-]*(?::\d+)?$/;

/** The Bedrock id that one of the list's words means; undefined where the catalog does not know it. */
export function bedrockIdOf(word: string): string | undefined {
  if (idShape.test(word)) return word;
  const name = squashed(word);
  const known = named.get(name);
  if (known !== undefined) return known;
  for (const { shape, id } of regular) {
    const match = shape.exec(name);
    if (match !== null) return id(...match.slice(1).map((part: string | undefined) => part ?? ''));
  }
  return undefined;
}

/**
 * Input tokens above which a request is charged as a long one, by the vendor word of the id. The list names such prices
 * and not the threshold.
 * https://developers.openai.com/api/docs/guides/amazon-bedrock
 * https://docs.anthropic.com/en/docs/about-claude/pricing
 */
export const longContextThresholds: ReadonlyMap<string, number> = new Map([
  ['openai', 272_000],
  ['anthropic', 200_000],
]);
