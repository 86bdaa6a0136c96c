/** Who made a model, told from the three places where a cloud says it: an id's vendor, a format, a name. */

/**
 * Vendor word of a Bedrock id → developer.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html
 */
const vendors: ReadonlyMap<string, string> = new Map([
  ['ai21', 'ai21'],
  ['alibaba', 'alibaba'],
  ['amazon', 'amazon'],
  ['anthropic', 'anthropic'],
  ['cohere', 'cohere'],
  ['deepseek', 'deepseek'],
  ['google', 'google'],
  ['luma', 'luma'],
  ['meta', 'meta'],
  ['microsoft', 'microsoft'],
  ['minimax', 'minimax'],
  ['mistral', 'mistral'],
  ['moonshot', 'moonshotai'],
  ['moonshotai', 'moonshotai'],
  ['nvidia', 'nvidia'],
  ['openai', 'openai'],
  ['qwen', 'alibaba'],
  ['stability', 'stability'],
  ['twelvelabs', 'twelvelabs'],
  ['writer', 'writer'],
  ['xai', 'xai'],
  ['zai', 'zai'],
]);

/** `format` of an Azure deployment's model, letters and digits only → developer, where the slug is not the answer. */
const formats: ReadonlyMap<string, string> = new Map([
  ['ai21labs', 'ai21'],
  ['blackforestlabs', 'black-forest-labs'],
  ['metaai', 'meta'],
  ['mistralai', 'mistral'],
  ['moonshot', 'moonshotai'],
  ['qwen', 'alibaba'],
  ['stabilityai', 'stability'],
  ['zhipu', 'zai'],
  ['zhipuai', 'zai'],
]);

const ownFormats: ReadonlySet<string> = new Set([...vendors.values(), 'core42']);

interface NameRule {
  readonly developer: string;
  /** Enough where the cloud says that the word is a model's name. */
  readonly starts: RegExp;
  /** Needed where a person chose the word: `gpt-4o-mini` is a model's name, `gpt-team-search` is not. */
  readonly whole: RegExp;
}

/** First match wins. Names are lower-case. */
const nameRules: readonly NameRule[] = [
  {
    developer: 'openai',
    starts: /^gpt-/,
    whole:
      /^gpt-(35|\d+(\.\d+)?o?)(-(audio|chat|codex|diarize|instruct|latest|max|mini|nano|preview|pro|realtime|spark|transcribe|tts|turbo|vision|astra|luna|sol|terra|(16|32)k))*(-(20\d\d-\d\d-\d\d|\d{4}(-preview)?))?$/,
  },
  {
    developer: 'openai',
    starts: /^gpt-/,
    whole:
      /^gpt-(oss(-safeguard)?-\d+b|(audio|image|realtime)(-\d(\.\d)?)?(-mini)?(-20\d\d-\d\d-\d\d)?)$/,
  },
  {
    developer: 'openai',
    starts: /^o\d+(-|$)/,
    whole: /^o\d+(-(deep-research|mini|preview|pro))*(-20\d\d-\d\d-\d\d)?$/,
  },
  {
    developer: 'openai',
    starts: /^(chatgpt-|codex-|computer-use-|dall-e-|sora(-|$)|text-embedding-|tts(-|$)|whisper)/,
    whole:
      /^(codex-mini|computer-use-preview|dall-e-[23]|sora(-2)?(-pro)?|text-embedding-(3-large|3-small|ada-002)|tts(-1)?(-hd)?|whisper(-1)?)$/,
  },
  // Azure lists its router under OpenAI's format.
  { developer: 'openai', starts: /^model-router$/, whole: /^model-router$/ },
  {
    developer: 'anthropic',
    starts: /^claude-/,
    whole:
      /^claude-((fable|haiku|mythos|opus|sonnet)-\d(-\d)?|\d(-\d)?-(haiku|opus|sonnet))([-@]20\d{6})?$/,
  },
  {
    developer: 'nvidia',
    starts: /nemotron/,
    whole: /^(llama-\d+(\.\d+)?-)?nemotron(-(\d+|\d+b|a\d+b|nano|super|ultra|v\d+|vl))+$/,
  },
  {
    developer: 'meta',
    starts: /^(meta-)?llama-?\d/,
    whole: /^(meta-)?llama-\d+(\.\d+)?(-(chat|fp8|instruct|maverick|scout|vision|\d+b|\d+e))*$/,
  },
  {
    developer: 'mistral',
    starts: /^(codestral|devstral|magistral|ministral|mistral|mixtral|pixtral|voxtral)(-|$)/,
    whole:
      /^(codestral|devstral|magistral|ministral|mistral|mixtral|pixtral|voxtral)(-(document-ai|instruct|large|latest|medium|mini|nemo|ocr|small|\d{4}|\d|\d+b|\d+x\d+b))+$/,
  },
  {
    developer: 'deepseek',
    starts: /^deepseek-/,
    whole: /^deepseek-(r\d+|v\d+(\.\d+)?)(-(flash|pro|speciale|\d{4}))*$/,
  },
  {
    developer: 'cohere',
    starts: /^(cohere-)?(command-|embed-|rerank-)/,
    whole:
      /^(cohere-(command-(a|r|r-plus)(-\d\d-20\d\d)?|(embed|rerank)-v-?\d([.-]\d)?(-(english|fast|multilingual|pro))*)|embed-v-4-0)$/,
  },
  {
    developer: 'xai',
    starts: /^grok-/,
    whole: /^grok-(code|\d+(\.\d+)?)(-(fast|mini|non-reasoning|reasoning|\d{1,2}))*$/,
  },
  {
    developer: 'microsoft',
    starts: /^(mai-|phi-)/,
    whole:
      /^(mai-ds-r1|phi-\d+(\.\d+)?(-(instruct|medium|mini|moe|multimodal|plus|reasoning|small|vision|\d+k))*)$/,
  },
  {
    developer: 'moonshotai',
    starts: /^kimi-/,
    whole: /^kimi-k\d+(\.\d+)?(-(instruct|thinking|\d{4}))*$/,
  },
  {
    developer: 'alibaba',
    starts: /^qwen/,
    whole: /^qwen\d+(\.\d+)?(-(coder|instruct|next|thinking|vl|a\d+b|\d+b|\d{4}))+$/,
  },
  {
    developer: 'zai',
    starts: /^glm-/,
    whole: /^glm-\d+(\.\d+)?(-(air|flash))*$/,
  },
  {
    developer: 'minimax',
    starts: /^minimax-/,
    whole: /^minimax-m\d+(\.\d+)?$/,
  },
  {
    developer: 'google',
    starts: /^gemma-/,
    whole: /^gemma-\d+n?-[ae]?\d+b(-(it|a\d+b))*$/,
  },
  {
    developer: 'ai21',
    starts: /^(ai21-)?jamba-/,
    whole: /^(ai21-)?jamba-(instruct|1[.-]\d-(large|mini))$/,
  },
  {
    developer: 'black-forest-labs',
    starts: /^flux[.-]/,
    whole: /^flux[.-]\d(\.\d)?(-(kontext|pro))+$/,
  },
  { developer: 'core42', starts: /^jais-/, whole: /^jais-\d+b-chat$/ },
];

/** Undefined for a vendor that the table does not know. */
export function developerOfVendor(vendor: string): string | undefined {
  return vendors.get(vendor);
}

/** Who makes models of that name, where the cloud says that it is one. Lower-case name. */
export function developerOfName(name: string): string | undefined {
  return nameRules.find((rule) => rule.starts.test(name))?.developer;
}

/** Whether a word that a person chose is, whole, the name of a model of a known shape. Lower-case name. */
export function isModelName(name: string): boolean {
  return nameRules.some((rule) => rule.whole.test(name));
}

/**
 * Developer by an Azure deployment's `properties.model.format`. A format that neither a table nor the name knows
 * gives its own slug. `OpenAI-OSS` stands in no table on purpose: it was seen on open-weight models of other developers
 * too, so there the name decides.
 */
export function developerOfFormat(format: string, name: string): string {
  const words = format.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const slug = words.replace(/^-+|-+$/g, '');
  const key = slug.replaceAll('-', '');
  const known = formats.get(key) ?? [slug, key].find((word) => ownFormats.has(word));
  return known ?? developerOfName(name) ?? slug;
}

/** Which token contract a model's meters follow: the developer's, apart where one developer has several. */
export function familyOf(model: string): string {
  const slash = model.indexOf('/');
  const developer = model.slice(0, slash);
  const name = model.slice(slash + 1);
  if (developer !== 'amazon') return developer;
  const [line] = name.split('-');
  return line === 'nova' || line === 'titan' ? `amazon-${line}` : developer;
}
