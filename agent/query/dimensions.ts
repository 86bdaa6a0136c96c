import { dimensionNames } from '../core/dimension.ts';
import type { Dimension, DimensionName } from '../core/dimension.ts';
import type { NamedTraffic } from '../core/store.ts';

interface DimensionFacts {
  /** What it is, for people. */
  readonly means: string;
  /** Where the values are ours and closed. */
  readonly values?: readonly string[];
  readonly read: (identity: NamedTraffic) => string;
}

/** Every dimension but `team`, which needs the rules. The one place to add one. */
const facts: Readonly<Record<Exclude<DimensionName, 'team'>, DimensionFacts>> = {
  cloud: { means: 'The cloud', values: ['aws', 'azure'], read: (row) => row.cloud },
  provider: {
    means: "The provider, in OpenTelemetry's words",
    values: ['aws.bedrock', 'azure.ai.openai'],
    read: (row) => (row.cloud === 'aws' ? 'aws.bedrock' : 'azure.ai.openai'),
  },
  account: { means: 'AWS account or Azure subscription', read: (row) => row.account },
  resource: { means: 'Azure account; empty on AWS', read: (row) => row.resource },
  region: { means: 'Region, lower case without spaces', read: (row) => row.region },
  model: { means: 'Canonical model, such as openai/gpt-4.1-mini', read: (row) => row.model },
  model_version: { means: 'Version of the model', read: (row) => row.modelVersion },
  vendor_model: { means: 'The model as the cloud says it', read: (row) => row.vendorModel },
  deployment: {
    means: "Azure deployment, Bedrock application profile's name or Mantle project",
    read: (row) => row.deployment,
  },
  endpoint: {
    means: 'What answered',
    values: ['runtime', 'mantle', 'azure'],
    read: (row) => row.endpoint,
  },
  routing: {
    means: 'Where requests may be served',
    values: ['in_region', 'geo', 'global', 'data_zone', 'unknown'],
    read: (row) => row.routing,
  },
  tier: {
    means: 'The tier that served',
    values: ['standard', 'batch', 'flex', 'priority', 'provisioned', 'unknown'],
    read: (row) => row.tier,
  },
};

/** The team of a row: the value of a tag, or a name for all that matches. The first rule that holds wins. */
export type TeamRule =
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'named'; readonly name: string; readonly match: Match };

/** Each dimension with the values it must have one of, as the configuration says it. */
export type Match = Readonly<Partial<Record<Dimension, readonly string[]>>>;

/** Conditions that must all hold: one of the patterns each, in any case, a trailing `*` for any rest. */
export type Filters = ReadonlyMap<Dimension, readonly string[]>;

/** What no rule gives a team. */
const unassigned = 'unassigned';

/** What a dimension means, for people. */
export function dimensionMeaning(name: DimensionName): string {
  return name === 'team' ? 'The team, by the rules of the configuration' : facts[name].means;
}

/** The values a dimension can have at all; undefined where the cloud or the user names them. */
export function dimensionValues(name: DimensionName): readonly string[] | undefined {
  return name === 'team' ? undefined : facts[name].values;
}

/** `model`, or `tag.<key>`; undefined for any other word. */
export function parseDimension(word: string): Dimension | undefined {
  if (word.startsWith('tag.') && word.length > 4) return `tag.${word.slice(4)}`;
  return dimensionNames.find((name) => name === word);
}

/** Reads the value by which a row is filtered and grouped; empty where it has none. */
export type ValueReader = (identity: NamedTraffic, dimension: Dimension) => string;

/** A reader that knows the teams. */
export function valueReader(teams: readonly TeamRule[]): ValueReader {
  const rules = teams.map((rule) =>
    rule.kind === 'tag' ? rule : { ...rule, filters: filtersOf(rule.match) },
  );
  return function valueOf(identity, dimension) {
    if (dimension !== 'team') return teamless(identity, dimension);
    for (const rule of rules) {
      const team = rule.kind === 'tag' ? tagOf(identity, rule.tag) : rule.name;
      const holds = rule.kind === 'tag' ? team !== '' : matches(identity, rule.filters, teamless);
      if (holds) return team;
    }
    return unassigned;
  };
}

/** Whether every condition holds. */
export function matches(identity: NamedTraffic, filters: Filters, valueOf: ValueReader): boolean {
  for (const [dimension, patterns] of filters) {
    if (!matchesAny(valueOf(identity, dimension), patterns)) return false;
  }
  return true;
}

/** Whether a value fits one of the patterns. */
export function matchesAny(value: string, patterns: readonly string[]): boolean {
  const folded = value.toLowerCase();
  return patterns.some((pattern) => {
    const wanted = pattern.toLowerCase();
    return wanted.endsWith('*') ? folded.startsWith(wanted.slice(0, -1)) : folded === wanted;
  });
}

/** A match as the configuration says it, in the form that queries take. */
export function filtersOf(match: Match): Filters {
  const filters = new Map<Dimension, readonly string[]>();
  for (const [word, patterns] of Object.entries(match)) {
    const dimension = parseDimension(word);
    if (dimension === undefined) throw new RangeError(`not a dimension: ${word}`);
    if (patterns !== undefined) filters.set(dimension, patterns);
  }
  return filters;
}

/** A team is not told by the team. */
function teamless(identity: NamedTraffic, dimension: Dimension): string {
  if (isTag(dimension)) return tagOf(identity, dimension.slice(4));
  return dimension === 'team' ? unassigned : facts[dimension].read(identity);
}

function isTag(dimension: Dimension): dimension is `tag.${string}` {
  return dimension.startsWith('tag.');
}

/** Azure does not tell the case of a tag's name, so an exact name wins and any case will do. */
function tagOf(identity: NamedTraffic, key: string): string {
  const names = Object.keys(identity.tags);
  const folded = key.toLowerCase();
  const name = names.includes(key) ? key : names.find((near) => near.toLowerCase() === folded);
  return name === undefined ? '' : (identity.tags[name] ?? '');
}
