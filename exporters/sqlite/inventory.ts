import type {
  InventoryItem,
  InventorySnapshot,
  InventorySpan,
} from '../../agent/core/inventory.ts';
import type { Cloud } from '../../agent/core/collector.ts';
import { floorTo, minuteMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import type { Db } from './database.ts';

interface InventoryScope {
  readonly kind: InventoryItem['kind'];
  readonly cloud: Cloud;
  readonly account: string;
  readonly region: string;
  readonly resource: string;
  readonly name: string;
}

interface InventoryRecord {
  id: number;
  name: string;
  from_at: number;
  to_at: number | null;
  attributes: string;
  tags: string;
}

/**
 * Takes over what a scope lists now: what is new or changed opens a span at this minute, what is gone closes one.
 * True when anything changed.
 */
export function recordInventory(db: Db, snapshot: InventorySnapshot, at: Instant): boolean {
  const { kind, cloud, account, region, resource } = snapshot;
  const from = floorTo(at, minuteMs);
  const open = db
    .prepare(
      `SELECT id, name, from_at, to_at, attributes, tags FROM inventory WHERE kind = ? AND cloud = ? AND account = ?
       AND region = ? AND resource = ? AND to_at IS NULL`,
    )
    .all(kind, cloud, account, region, resource) as InventoryRecord[];
  const listed = new Map(snapshot.items.map((item) => [item.name, item]));
  let changed = false;
  for (const row of open) {
    const item = listed.get(row.name);
    if (item !== undefined && same(row, item)) {
      listed.delete(row.name);
      continue;
    }
    db.prepare('UPDATE inventory SET to_at = ? WHERE id = ?').run(from, row.id);
    changed = true;
  }
  const insert = db.prepare(
    `INSERT INTO inventory (kind, cloud, account, region, resource, name, from_at, attributes, tags)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  for (const item of listed.values()) {
    insert.run(
      kind,
      cloud,
      account,
      region,
      resource,
      item.name,
      from,
      stable(item.attributes),
      stable(item.tags),
    );
    changed = true;
  }
  return changed;
}

export interface InventoryHistory {
  /** An item's history, oldest first. */
  of(item: InventoryScope): readonly InventorySpan[];
  /** The file lists something else now. */
  forget(): void;
}

/** Names differ in case between Azure's meters and its Resource Manager. */
export function openInventory(db: Db): InventoryHistory {
  const find = db.prepare(
    `SELECT id, name, from_at, to_at, attributes, tags FROM inventory WHERE kind = ? AND cloud = ? AND account = ?
     AND region = ? AND resource = ? AND name = ? COLLATE NOCASE ORDER BY from_at`,
  );
  const scopes = db
    .prepare<[], readonly string[]>(
      'SELECT DISTINCT kind, cloud, account, region, resource FROM inventory',
    )
    .raw();
  /** Scopes that ever listed anything: most never do, and every new traffic asks. */
  let listed: ReadonlySet<string> | undefined;

  function isListed({ kind, cloud, account, region, resource }: InventoryScope): boolean {
    if (db.readonly) return true;
    listed ??= new Set(scopes.all().map((scope) => scope.join('\n')));
    return listed.size > 0 && listed.has([kind, cloud, account, region, resource].join('\n'));
  }

  function historyOf({ kind, cloud, account, region, resource, name }: InventoryScope) {
    const rows = find.all(kind, cloud, account, region, resource, name) as InventoryRecord[];
    return rows
      .filter((row) => row.to_at === null || row.to_at > row.from_at)
      .map((row, index) => ({
        kind,
        name: row.name,
        attributes: JSON.parse(row.attributes) as Record<string, string>,
        tags: JSON.parse(row.tags) as Record<string, string>,
        from: row.from_at,
        to: row.to_at ?? Number.MAX_SAFE_INTEGER,
        assumed: index === 0,
      }));
  }

  return {
    of: (item) => (isListed(item) ? historyOf(item) : []),
    forget() {
      listed = undefined;
    },
  };
}

function same(row: InventoryRecord, item: InventoryItem): boolean {
  return row.attributes === stable(item.attributes) && row.tags === stable(item.tags);
}

function stable(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(
    Object.fromEntries(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))),
  );
}
