import { billSources } from '../../core/bill.ts';
import type { IdentityRow, TargetStatus } from '../../core/store.ts';
import type { Filters } from '../../query/dimensions.ts';
import { matchesAny } from '../../query/dimensions.ts';
import { hourMs, secondMs } from '../../core/time.ts';
import type { Instant } from '../../core/time.ts';

/** What the sources say of themselves, as budgets need it. */
export interface Sight {
  /**
   * How far behind now an identity's place may be before it is blind; undefined where nobody looks there any more, so that
   * nothing is missing.
   */
  patienceMs(identity: IdentityRow): number | undefined;
  /** Another text where it is another for any identity. */
  readonly patience: string;
  /** What failed so long that a budget with these conditions may miss some of it: scopes by name. */
  blindFor(filters: Filters): readonly string[];
}

/** Behind by less, a source is late, not blind. */
const lateMs = hourMs;
const missedReads = 3;

export function sightOf(targets: readonly TargetStatus[], now: Instant): Sight {
  const patience = new Map<string, number>();
  for (const target of targets) {
    if (target.cloud === null || !tellsUsage(target)) continue;
    const own = patienceOf(target);
    const key = placeOf(target.cloud, target.account, target.region, target.resource);
    patience.set(key, Math.max(patience.get(key) ?? 0, own));
  }
  const failing = targets.filter((target) => {
    const seen = target.lastSuccess ?? Number.NEGATIVE_INFINITY;
    return target.failure !== null && seen < now - patienceOf(target) && tellsUsage(target);
  });
  return {
    patience: JSON.stringify([...patience]),
    patienceMs: ({ cloud, account, region, resource }) =>
      patience.get(placeOf(cloud, account, region, resource)),
    blindFor: (filters) =>
      failing.filter((target) => mayHold(target, filters)).map(({ target }) => target),
  };
}

function patienceOf({ cadenceSeconds }: TargetStatus): number {
  return Math.max(lateMs, missedReads * (cadenceSeconds ?? 0) * secondMs);
}

/** Scopes that tell names, tags and capacity of what is read all the same. */
const namingScopes = ['inference-profiles', 'provisioned-throughput'];

/** Bills are told by themselves, and stand among the targets as `…/bills/<source>`. */
function tellsUsage({ target, cloud }: TargetStatus): boolean {
  const isBill =
    billSources.some((source) => target.endsWith(`/bills/${source}`)) ||
    (cloud === null && target.endsWith('/bills'));
  return !isBill && !namingScopes.some((scope) => target.endsWith(`/${scope}`));
}

function placeOf(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}

/** Whether nothing that is known of a target contradicts the conditions. */
function mayHold(target: TargetStatus, filters: Filters): boolean {
  const { cloud, account, region, resource } = target;
  const provider = cloud === null ? '' : cloud === 'aws' ? 'aws.bedrock' : 'azure.ai.openai';
  const told = [
    ['cloud', cloud ?? ''],
    ['provider', provider],
    ['account', account],
    ['region', region],
    ['resource', resource],
  ] as const;
  return told.every(([dimension, value]) => {
    const patterns = filters.get(dimension);
    return patterns === undefined || value === '' || matchesAny(value, patterns);
  });
}
