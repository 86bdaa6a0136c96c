import { flag, fail, oneOf, parsed, recordOf, section } from './fields.ts';

export const models = section({
  aliases: recordOf(
    parsed('a canonical model, for example openai/gpt-4.1-mini', (value) =>
      /^[a-z0-9._-]+\/[^\s/]+$/.test(value) ? value : undefined,
    ),
    'a mapping, for example { "azure/my-ft-model": openai/gpt-4.1-mini }',
  )
    .superRefine((aliases, ctx) => {
      for (const alias of Object.keys(aliases)) {
        if (/^(?:aws|azure)\/./.test(alias)) continue;
        fail(ctx, 'an alias begins with its cloud, for example azure/my-ft-model', [alias]);
      }
    })
    .default({}),
});

export const contracts = section({
  'openai.input_includes_cached': flag().optional(),
  'bedrock.invocations': oneOf(['accepted', 'successful']).default('accepted'),
}).transform((contract) => ({
  openaiInputIncludesCached: contract['openai.input_includes_cached'] ?? true,
  /** Written down, and not merely the default: the audit then takes it for a fact. */
  openaiInputConfirmed: contract['openai.input_includes_cached'] !== undefined,
  bedrockInvocations: contract['bedrock.invocations'],
}));
