import { developerOfVendor } from './developers.ts';

/**
 * The parts of a Bedrock model id: `[arn…/][scope.]vendor.model[-vN][:M[:context]]`.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
 */
export interface BedrockId {
  /** `us`, `eu`, `global` …; empty for a model called in its own region. */
  readonly scope: string;
  /** As the id says it: `qwen`, `moonshotai`. */
  readonly vendor: string;
  /** Without revision and context: `claude-sonnet-4-5-20250929-v1`, `mistral-7b-instruct-v0.2`. */
  readonly name: string;
  /** Without scope and context: `anthropic.claude-v2:1`, the key of maps and aliases. */
  readonly key: string;
}

/** https://docs.aws.amazon.com/bedrock/latest/userguide/cross-region-inference.html */
const scopes: ReadonlySet<string> = new Set([
  'us',
  'us-gov',
  'eu',
  'apac',
  'au',
  'jp',
  'in',
  'ca',
  'global',
]);

const arnPattern = /^arn:[^:]*:bedrock:([^:]*):[^:]*:([a-z-]+)\/(.+)$/;

/** Region that an ARN names; empty where it names none, undefined for what is not a Bedrock ARN. */
export function regionOfArn(arn: string): string | undefined {
  return arnPattern.exec(arn.trim().toLowerCase())?.[1];
}

/** The id that an ARN ends with, or the id itself; lower-case. */
export function bareId(raw: string): string {
  const text = raw.trim().toLowerCase();
  return text.slice(text.lastIndexOf('/') + 1);
}

/** Ids of the other ARN kinds (application profile, provisioned, imported) say nothing of the model. */
function speakingId(raw: string): string | undefined {
  const text = raw.trim().toLowerCase();
  if (!text.startsWith('arn:')) return bareId(text);
  const [, , kind, resource] = arnPattern.exec(text) ?? [];
  if (kind === 'foundation-model' || kind === 'inference-profile') return bareId(text);
  // custom-model/<base model>/<id>: a customised copy of the base.
  if (kind !== 'custom-model' || resource?.includes('/') !== true) return undefined;
  return `${resource.slice(0, resource.indexOf('/'))}:ft`;
}

/** A geography newer than our table still shows itself by the vendor that follows it. */
function hasScope(first: string, second: string): boolean {
  if (scopes.has(first)) return true;
  return (
    developerOfVendor(first) === undefined &&
    developerOfVendor(second) !== undefined &&
    /^[a-z]{2,6}(-[a-z]{2,5})?$/.test(first)
  );
}

/** Undefined for an id outside the grammar, such as an application profile's twelve characters. Never throws. */
export function parseBedrockId(raw: string): BedrockId | undefined {
  const id = speakingId(raw);
  if (id === undefined) return undefined;
  const parts = id.split('.');
  const [first = '', second = ''] = parts;
  const scope = parts.length > 2 && hasScope(first, second) ? first : '';
  const unscoped = scope === '' ? id : id.slice(scope.length + 1);
  const match = /^([a-z][a-z0-9-]*)\.([a-z0-9][a-z0-9.-]*)((?::[a-z0-9-]+)*)$/.exec(unscoped);
  const [, vendor, model, tail] = match ?? [];
  if (vendor === undefined || model === undefined || tail === undefined) return undefined;
  if (scopes.has(vendor)) return undefined;
  const [, revision = ''] = tail.split(':');
  const numbered = /^\d+$/.test(revision);
  const tuned = tail.endsWith(':ft') ? ':ft' : '';
  return {
    scope,
    vendor,
    name: `${numbered ? withoutRevision(vendor, model, revision) : model}${tuned}`,
    key: numbered ? `${vendor}.${model}:${revision}` : `${vendor}.${model}`,
  };
}

function withoutRevision(vendor: string, model: string, revision: string): string {
  if (vendor === 'openai') return model.replace(/(.)-1$/, '$1');
  return model.replace(/-v0$/, `-v0.${revision}`);
}
