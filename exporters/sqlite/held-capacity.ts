import type { Cloud, Labels } from '../../agent/core/cloud.ts';
import type { InventoryItem } from '../../agent/core/inventory.ts';
import type { RatingSubject } from '../../agent/core/rating.ts';
import type { TrafficKey } from '../../agent/core/reading.ts';
import type { Instant } from '../../agent/core/time.ts';
import type { Identity, Interpretation } from '../../agent/core/usage.ts';
import type { Db } from './database.ts';

/** Provisioned capacity over one span of the inventory. */
export interface HeldCapacity {
  /** Of the inventory's row. */
  readonly id: number;
  /** The traffic that runs through it, but for the case of the deployment's name and the other way to write a model id. */
  readonly key: TrafficKey;
  /** As its meters may write the model id instead: whole, as an ARN. */
  readonly modelArn: string;
  readonly sku: string;
  readonly units: number;
  readonly identity: Identity;
  readonly from: Instant;
  /** `Number.MAX_SAFE_INTEGER` while it is there. */
  readonly to: Instant;
  /**
   * What was there at the first look at its place is taken to have been there before; where the cloud tells when it came to be,
   * at whatever look.
   */
  readonly assumed: boolean;
  /** When it came to be, where the cloud says so. */
  readonly createdAt?: Instant;
}

interface CapacityRecord {
  readonly id: number;
  readonly kind: Capacity['kind'];
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

/** What the words of the two kinds of capacity say alike. */
interface Capacity {
  readonly kind: Extract<InventoryItem['kind'], 'deployment' | 'provisioned_throughput'>;
  readonly key: TrafficKey;
  readonly modelArn: string;
  readonly sku: string;
  readonly units: number;
  readonly createdAt?: Instant;
}

const unnamed = { tier: '', modelName: '', modelVersion: '' } as const;

/**
 * All that was ever provisioned, by what the normalizer makes of the words of each deployment and throughput. Bedrock's model
 * units are billed from their purchase until they are deleted; those whose purchase failed never were.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/prov-throughput.html
 */
export function heldCapacity(db: Db, interpretation: Interpretation): readonly HeldCapacity[] {
  const records = db
    .prepare(
      `SELECT id, kind, cloud, account, region, resource, name, from_at, to_at, attributes, tags FROM inventory
       WHERE kind IN ('deployment', 'provisioned_throughput') AND (to_at IS NULL OR to_at > from_at)
       ORDER BY from_at, id`,
    )
    .all() as CapacityRecord[];
  const failed = new Set(
    records.filter((one) => statusOf(one) === 'Failed').map(({ name }) => name),
  );
  const firstLooks = new Map<string, Instant>();
  const seen = new Set<string>();
  return records.flatMap((record) => {
    const attributes = JSON.parse(record.attributes) as Record<string, string>;
    const { key, units, ...words } = capacityOf(record, attributes);
    const scope = JSON.stringify([record.kind, placeOf(key)]);
    const firstLook = firstLooks.get(scope) ?? record.from_at;
    firstLooks.set(scope, firstLook);
    const isOld = words.createdAt !== undefined || record.from_at === firstLook;
    const assumed = isOld && !seen.has(capacityName(key));
    seen.add(capacityName(key));
    if (!Number.isSafeInteger(units) || units <= 0) return [];
    const status = statusOf(record);
    if (status === 'Failed' || (status === 'Creating' && failed.has(record.name))) return [];
    const span = {
      kind: record.kind,
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
    return [{ id, key, units, ...words, identity, from, to, assumed }];
  });
}

function capacityOf(record: CapacityRecord, attributes: Labels): Capacity {
  const { kind, cloud, account, region, resource, name } = record;
  const place = { cloud, account, region, resource };
  if (kind === 'deployment') {
    return {
      kind,
      key: { ...place, endpoint: 'azure', vendorModel: '', deployment: name },
      modelArn: '',
      sku: attributes['sku'] ?? '',
      units: Number(attributes['capacity'] ?? 0),
    };
  }
  const createdAt = Date.parse(attributes['created_at'] ?? '');
  return {
    kind,
    key: { ...place, endpoint: 'runtime', vendorModel: name, deployment: '' },
    modelArn: attributes['arn'] ?? '',
    sku: attributes['commitment'] ?? '',
    units: Number(attributes['model_units'] ?? 0),
    ...(Number.isNaN(createdAt) ? {} : { createdAt }),
  };
}

function statusOf({ kind, attributes }: CapacityRecord): string {
  if (kind === 'deployment') return '';
  return (JSON.parse(attributes) as Record<string, string>)['status'] ?? '';
}

/** By whose prices it is charged. */
export function subjectOf({ key, identity }: HeldCapacity): RatingSubject {
  const { cloud, account, region } = key;
  const { model, modelVersion, routing, tier, family } = identity;
  return { cloud, account, region, model, modelVersion, routing, tier, family };
}

/** One name for a capacity, however a deployment's case is written. */
function capacityName(key: TrafficKey): string {
  return [placeOf(key), key.vendorModel, key.deployment.toLowerCase()].join('\n');
}

function placeOf({ cloud, account, region, resource }: TrafficKey): string {
  return [cloud, account, region, resource].join('\n');
}
