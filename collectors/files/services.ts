/** `Amazon Bedrock`, and the models sold through the marketplace: `Claude Sonnet 4.5 (Amazon Bedrock Edition)`. */
export function isAwsModelService(...names: readonly string[]): boolean {
  return names.some((name) => /bedrock/i.test(name));
}

/**
 * Meter categories and service names under which Azure bills models, newest first; lower case.
 * https://learn.microsoft.com/azure/ai-foundry/openai/how-to/manage-costs
 */
const azureServices: ReadonlySet<string> = new Set([
  'foundry models',
  'azure ai foundry models',
  'azure ai foundry',
  'azure openai',
  'azure openai service',
  'azure ai services',
  'cognitive services',
]);

export function isAzureModelService(...names: readonly string[]): boolean {
  return names.some((name) => azureServices.has(name.trim().toLowerCase()));
}

/** Claude on Foundry is billed as a marketplace offer of its maker, under a resource of its own. */
export function namesClaude(...texts: readonly string[]): boolean {
  return texts.some((text) => /claude|anthropic/i.test(text));
}
