import { canonicalOf } from '../../../agent/normalize/canonical-of.ts';
import type { LeftOut } from '../../../agent/pricing/genai/book.ts';

/** Why the default book left a model out, by `<cloud> <model>`. */
export function leftOutReasons(leftOut: readonly LeftOut[]): ReadonlyMap<string, string> {
  return new Map(
    leftOut.flatMap(({ cloud, reference, reason }) => {
      const id = reference.slice(reference.indexOf(':') + 1);
      const canonical = canonicalOf(cloud, id);
      return canonical === undefined ? [] : [[`${cloud} ${canonical.model}`, reason] as const];
    }),
  );
}

/** Models of which LiteLLM has older amounts than two other lists, which agree. */
export const outdated: ReadonlySet<string> = new Set([
  'alibaba/qwen3-coder-480b-a35b',
  'amazon/titan-text-express',
  'amazon/titan-text-lite',
  'meta/llama-3.1-70b-instruct',
  'meta/llama-3.2-11b-vision-instruct',
  'meta/llama-3.2-90b-vision-instruct',
  'mistral/mistral-large-2402',
]);

/**
 * Claude 3 Haiku's amounts under 3.5 Haiku; GovCloud's under a version of Claude 3.7 Sonnet that there is none of; the 70B
 * model's input price as the 8B one's output price.
 */
export const misfiled: ReadonlySet<string> = new Set([
  'anthropic.claude-3-7-sonnet-20240620-v1:0',
  'bedrock/us-gov-east-1/meta.llama3-8b-instruct-v1:0',
  'bedrock/us-gov-west-1/meta.llama3-8b-instruct-v1:0',
  'eu.anthropic.claude-3-5-haiku-20241022-v1:0',
]);

export const onMantle: ReadonlySet<string> = new Set(['bedrock_mantle/openai.gpt-oss-20b']);
