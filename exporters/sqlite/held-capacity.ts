import type { Cloud } from '../../agent/core/cloud.ts';
import type { RatingSubject } from '../../agent/core/rating.ts';
import type { TrafficKey } from '../../agent/core/reading.ts';
import type { Instant } from '../../agent/core/time.ts';
import type { Identity, Interpretation } from '../../agent/core/usage.ts';
import type { Db } from './database.ts';

/** Provisioned capacity over one span of the inventory. */
export interface HeldCapacity {
  /** Of the inventory's row. */
  readonly id: number;
  /** The traffic that runs through it, but for the case of the deployment's name. */
  readonly key: TrafficKey;
  readonly sku: string;
  readonly units: number;
  readonly identity: Identity;
  readonly from: Instant;
  /** `Number.MAX_SAFE_INTEGER` while it is there. */
  readonly to: Instant;
  /** What was there at the first look is taken to have been there before. */
  readonly assumed: boolean;
}

interface DeploymentRecord {
  readonly id: number;
  readonly cloud: Cloud;
  readonly account: string;
  readonly region: string;
  readonly resource: string;
  readonly name: string;
  readonly from_at: number;
  readonly to_at: number | null;
  readonly attributes: string;
  readonly tags: string;
}

const unnamed = { tier: '', modelName: '', modelVersion: '' } as const;

/** All that was ever provisioned, by what the normalizer makes of each deployment's words. */
export function heldCapacity(db: Db, interpretation: Interpretation): readonly HeldCapacity[] {
  const records = db
    .prepare(
      `SELECT id, cloud, account, region, resource, name, from_at, to_at, attributes, tags FROM inventory
       WHERE kind = 'deployment' AND (to_at IS NULL OR to_at > from_at) ORDER BY from_at, id`,
    )
    .all() as DeploymentRecord[];
  const seen = new Set<string>();
  return records.flatMap((record) => {
    const key: TrafficKey = {
      cloud: record.cloud,
      account: record.account,
      region: record.region,
      resource: record.resource,
      endpoint: 'azure',
      vendorModel: '',
      deployment: record.name,
    };
    const assumed = !seen.has(capacityName(key));
    seen.add(capacityName(key));
    const attributes = JSON.parse(record.attributes) as Record<string, string>;
    const units = Number(attributes['capacity'] ?? 0);
    if (!Number.isSafeInteger(units) || units <= 0) return [];
    const span = {
      kind: 'deployment',
      name: record.name,
      attributes,
      tags: JSON.parse(record.tags) as Record<string, string>,
      from: record.from_at,
      to: record.to_at ?? Number.MAX_SAFE_INTEGER,
      assumed,
    } as const;
    const [identity] = interpretation.identify(key, unnamed, [span]);
    if (identity?.tier !== 'provisioned') return [];
    const { id } = record;
    const { from, to } = span;
    return [{ id, key, sku: attributes['sku'] ?? '', units, identity, from, to, assumed }];
  });
}

/** By whose prices it is charged. */
export function subjectOf({ key, identity }: HeldCapacity): RatingSubject {
  const { cloud, account, region } = key;
  const { model, modelVersion, routing, tier, family } = identity;
  return { cloud, account, region, model, modelVersion, routing, tier, family };
}

/** One name for a deployment, however its case is written. */
function capacityName({ cloud, account, region, resource, deployment }: TrafficKey): string {
  return [cloud, account, region, resource, deployment.toLowerCase()].join('\n');
}
