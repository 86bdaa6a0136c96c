import type { DimensionName } from '../core/dimension.ts';
import type { IdentityRow } from '../core/store.ts';
import { valueReader } from './dimensions.ts';

const mostParts = 20;
const narrowing = [
  'cloud',
  'account',
  'region',
  'resource',
  'deployment',
  'routing',
  'tier',
] as const;

/** A figure made of more than a person can follow. Its message says by which words it can be narrowed. */
export class TooBroadError extends Error {
  readonly parts: number;

  constructor(members: readonly IdentityRow[]) {
    const valueOf = valueReader([]);
    const values = (name: DimensionName) => new Set(members.map((row) => valueOf(row, name))).size;
    const apart = (['model', ...narrowing] as const)
      .map((name) => ({ name, count: values(name) }))
      .filter(({ count }) => count > 1)
      .map(({ name, count }) => `${name} (${count})`);
    super(
      `${members.length} deployments and tiers make this figure, the most that can be explained at once is ${mostParts}: ` +
        `name one value of what they differ in: ${apart.join(', ')}`,
    );
    this.name = 'TooBroadError';
    this.parts = members.length;
  }
}

/** Throws a TooBroadError. */
export function refuseTooBroad(members: readonly IdentityRow[]): void {
  if (members.length > mostParts) throw new TooBroadError(members);
}
