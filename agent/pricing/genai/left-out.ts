/**
 * Entries of the package that are not what the cloud charges. Azure's list falls back to the developers' own prices, which
 * holds for the developers whose models Azure sells at theirs, and not for these.
 */

export interface NotTheCloudsPrice {
  readonly provider: string;
  readonly ids: RegExp;
  readonly reason: 'own_azure_price' | 'resold' | 'customised';
}

export const notTheCloudsPrice: readonly NotTheCloudsPrice[] = [
  // Azure has prices of its own for DeepSeek's open weights: R1 1.35/5.40 there, 0.55/2.19 at DeepSeek.
  // https://azure.microsoft.com/pricing/details/ai-foundry-models/deepseek/
  { provider: 'deepseek', ids: /./, reason: 'own_azure_price' },
  // The same: 0.25/1.27 on Azure, 0.30/0.50 at xAI.
  // https://azure.microsoft.com/pricing/details/ai-foundry-models/grok/
  { provider: 'x-ai', ids: /^grok-3-mini/, reason: 'own_azure_price' },
  // A router's ids and prices: `:free` and `:extended` are its marks, and no cloud gives gpt-oss-120b for 0.039.
  // https://azure.microsoft.com/pricing/details/phi-3/
  { provider: 'azure', ids: /^(?:phi-|mai-|wizardlm-)/, reason: 'resold' },
  { provider: 'openai', ids: /^gpt-oss-|:extended$/, reason: 'resold' },
  // A customised copy costs what its cloud says, hosting included.
  // https://learn.microsoft.com/azure/ai-services/openai/how-to/fine-tuning-cost-management
  { provider: 'openai', ids: /^ft:|\.ft-/, reason: 'customised' },
];

/** Names of models whose requests mix text with media at other prices, also where the package knows the text's only. */
export const mixedNames =
  /(?:^|[.-])(?:audio|image|realtime|sonic|transcribe|tts|voice|whisper)(?:$|-)/;
