import type { Ledger, LedgerReader } from '../../agent/core/store.ts';
import type { Instant } from '../../agent/core/time.ts';
import type { Interpretation } from '../../agent/core/usage.ts';
import { createAgeing } from './ageing.ts';
import { createCommit } from './commit.ts';
import { openCoverage } from './coverage.ts';
import { openDatabase } from './database.ts';
import type { Db } from './database.ts';
import { diskFailure } from './disk.ts';
import { openFold } from './fold.ts';
import { loadIdentities } from './identities.ts';
import { recordInventory } from './inventory.ts';
import { openLatencyRollup } from './latency.ts';
import { takeWriterLock } from './lock.ts';
import { createReader } from './reader.ts';
import { openReadings } from './readings.ts';
import { createRederive } from './rederive.ts';
import { loadRegistry } from './registry.ts';
import { readRevisions } from './revisions.ts';
import { openRollups } from './rollups.ts';
import { openStatus, readSources } from './status.ts';
import { openTargets } from './targets.ts';
import { openUsage } from './usage.ts';

/**
 * The ledger of one machine, for its one writer. Takes the writer lock, brings the schema up to date, and where
 * aliases or contracts changed since the last run, puts names and partition right before it returns.
 * @param path a file, or `:memory:`
 * @param at now, for the revisions that putting right makes
 * @throws LedgerError
 */
export function openLedger(path: string, interpretation: Interpretation, at: Instant): Ledger {
  const lock = takeWriterLock(path);
  let db: Db | undefined;
  try {
    db = openDatabase(path, 'write');
    return ledgerOver(db, path, interpretation, at, lock);
  } catch (error) {
    db?.close();
    lock.release();
    throw error;
  }
}

/** The ledger over a database that is open for writing and up to date. Closing it releases the lock. */
export function ledgerOver(
  db: Db,
  path: string,
  interpretation: Interpretation,
  at: Instant,
  lock: { release(): void },
): Ledger {
  let parts = assemble(db, interpretation);
  parts.rederive.bringUpToDate(interpretation, at);

  /** What a transaction that was rolled back had put into memory is not in the file: memory is read anew. */
  function atomically<T>(work: () => T): T {
    try {
      return db.transaction(work)();
    } catch (error) {
      parts = assemble(db, interpretation);
      throw diskFailure(error, path);
    }
  }

  const reader = createReader({
    db,
    registry: () => parts.registry,
    identities: () => parts.identities,
    readings: parts.readings,
    coverage: parts.coverage,
    interpretation,
  });
  return {
    ...reader,
    ...openStatus(db),
    commit: (batch) => atomically(() => parts.commit(batch)),
    age: (now, retention) => atomically(() => parts.age(now, retention)),
    sources: (now) => Promise.resolve(readSources(db, parts.coverage, now)),
    since: (cursor, limit) => Promise.resolve(readRevisions(db, cursor, limit)),
    coverage(targetId) {
      const { targets, coverage } = parts;
      const units = targets.unitsOf(targets.idOf(targetId));
      return new Map([...units].map(([key, unit]) => [key, coverage.of(unit.id)]));
    },
    recordDiscovery: (source, discovery, seenAt) =>
      atomically(() => {
        const changed = discovery.inventory.filter((one) => recordInventory(db, one, seenAt));
        parts.rederive.afterInventory(changed, seenAt);
        return parts.targets.record(source, discovery, seenAt);
      }),
    close() {
      db.close();
      lock.release();
    },
  };
}

function assemble(db: Db, interpretation: Interpretation) {
  const registry = loadRegistry(db);
  const identities = loadIdentities(db, registry, interpretation);
  const coverage = openCoverage(db);
  const readings = openReadings(db);
  const targets = openTargets(db);
  const usage = openUsage(db, registry, readings, identities, interpretation);
  const rollups = openRollups(db, coverage, usage, identities);
  const latency = openLatencyRollup(db, readings, identities);
  const rederive = createRederive({ db, registry, identities, usage, rollups, latency });
  const commit = createCommit({ db, registry, targets, coverage, readings, rollups, rederive });
  const age = createAgeing({ db, coverage, fold: openFold(db, registry, rollups) });
  return { registry, identities, coverage, readings, targets, rederive, commit, age };
}

/**
 * The ledger read-only, beside a running writer.
 * @throws LedgerError `missing` when there is none
 */
export function openLedgerReader(path: string, interpretation: Interpretation): LedgerReader {
  const db = openDatabase(path, 'read');
  const coverage = openCoverage(db);
  const reader = createReader({
    db,
    registry: () => loadRegistry(db),
    identities: () => loadIdentities(db, loadRegistry(db), interpretation),
    readings: openReadings(db),
    coverage,
    interpretation,
  });
  return {
    ...reader,
    sources: (now) => Promise.resolve(readSources(db, coverage, now)),
    since: (cursor, limit) => Promise.resolve(readRevisions(db, cursor, limit)),
    close: () => void db.close(),
  };
}
