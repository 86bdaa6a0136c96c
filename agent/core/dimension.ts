export type Routing = 'in_region' | 'geo' | 'global' | 'data_zone' | 'unknown';
export type Tier = 'standard' | 'batch' | 'flex' | 'priority' | 'provisioned' | 'unknown';
/** How sure we are of a canonical model: the user said so, the cloud's inventory says so, the id parses, a map knows it. */
export type Confidence = 'alias' | 'inventory' | 'parsed' | 'bundled' | 'none';

/** The words by which usage is filtered and grouped, the same in configuration, API, dashboards and exports. */
export const dimensionNames = [
  'cloud',
  'provider',
  'account',
  'resource',
  'region',
  'model',
  'model_version',
  'vendor_model',
  'deployment',
  'endpoint',
  'routing',
  'tier',
  'team',
] as const;
export type DimensionName = (typeof dimensionNames)[number];
/** A dimension, or a tag as `tag.<key>`. */
export type Dimension = DimensionName | `tag.${string}`;

/** `tag.cost center` is written `tag_cost center` in JSON rows and labels. */
export function columnOf(dimension: Dimension): string {
  return dimension.startsWith('tag.') ? `tag_${dimension.slice(4)}` : dimension;
}
