import type { CoverageSpan, Ledger, LedgerReader } from '../../agent/core/store.ts';
import type { Instant } from '../../agent/core/time.ts';
import type { Rater } from '../../agent/core/rating.ts';
import type { Interpretation } from '../../agent/core/usage.ts';
import { createAgeing } from './ageing.ts';
import { openAlerts } from './alerts.ts';
import { openAuditMarks, unknownAuditMarks } from './audit-marks.ts';
import { openApiCalls, readApiCalls, readApiTotals } from './api-calls.ts';
import { createBillReader } from './bill-reader.ts';
import { openBillSpans } from './bill-spans.ts';
import { openBillStatus } from './bill-status.ts';
import { openBilledFeed } from './billed-feed.ts';
import { openBills } from './bills.ts';
import { openCalibrations } from './calibrations.ts';
import { openCapacity } from './capacity.ts';
import { openCards } from './cards.ts';
import { openChangeMark } from './change-mark.ts';
import { createCommit } from './commit.ts';
import { addChanges } from './cost-changes.ts';
import { openCoverage } from './coverage.ts';
import { openDatabase } from './database.ts';
import type { Db } from './database.ts';
import { diskFailure } from './disk.ts';
import { createEvidenceReader } from './evidence.ts';
import { openFeedParts } from './feed-parts.ts';
import { openFeeds } from './feed.ts';
import { openFold } from './fold.ts';
import { createHourPacking } from './hour-pack-writer.ts';
import { loadIdentities } from './identities.ts';
import { createInputContractReader } from './input-contracts.ts';
import { recordInventory } from './inventory.ts';
import { openLatencyHours } from './latency-hours.ts';
import { openLatencyMinutes } from './latency-minutes.ts';
import { openLatencyRollup } from './latency.ts';
import { takeWriterLock } from './lock.ts';
import { createPriceReader } from './price-reader.ts';
import { openPrices } from './prices.ts';
import { openOutbox } from './outbox.ts';
import { openRating } from './rating.ts';
import { createReader } from './reader.ts';
import { openReadings } from './readings.ts';
import { createRederive } from './rederive.ts';
import { reprice } from './reprice.ts';
import { loadRegistry } from './registry.ts';
import { createReadingReader } from './reading-reader.ts';
import { readRevisions } from './revisions.ts';
import { openRollups } from './rollups.ts';
import { openSums } from './sums.ts';
import { openSources } from './sources.ts';
import { openStatus } from './status.ts';
import { openTargets, rememberingUnits } from './targets.ts';
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
  let rater: Rater | undefined;
  let parts = assemble(db, interpretation, rater);
  parts.rederive.bringUpToDate(interpretation, at);

  /** What a transaction that was rolled back had put into memory is not in the file: memory is read anew. */
  function atomically<T>(work: () => T): T {
    try {
      return db.transaction(work)();
    } catch (error) {
      parts = assemble(db, interpretation, rater);
      throw diskFailure(error, path);
    }
  }

  const apiCalls = openApiCalls(db);
  const prices = openPrices(db);
  const bills = openBills(db);
  const billReader = createBillReader(db);
  const calibrations = openCalibrations(db);
  const sums = openSums({ db, identities: () => parts.identities });
  const latencyHours = openLatencyHours({ db, identities: () => parts.identities });
  const marks = openAuditMarks({
    db,
    registry: () => parts.registry,
    identities: () => parts.identities,
    cards: () => parts.cards,
  });
  /** Also where it failed: it may have done a part. */
  function marked<T>(work: () => T): T {
    try {
      return work();
    } finally {
      marks.changed();
    }
  }
  const packHours = createHourPacking(db);
  let listings = 0;
  const known = {
    db,
    registry: () => parts.registry,
    identities: () => parts.identities,
    coverage: () => parts.coverage,
    listings: () => listings,
  };
  const latencyMinutes = openLatencyMinutes({ ...known, readings: parts.readings });
  const reader = createReader({
    ...known,
    sums,
    latencyHours,
    latencyMinutes,
    interpretation,
  });
  const sources = openSources(known);
  return {
    ...reader,
    ...createReadingReader({ ...parts, db, registry: () => parts.registry }),
    ...createPriceReader(db, prices, () => parts.cards),
    ...createEvidenceReader({ db, registry: () => parts.registry, interpretation }),
    ...openStatus(db),
    ...openAlerts(db, atomically),
    ...openOutbox(db, atomically),
    ...openFeeds(db, () => parts.feed, atomically),
    openBilledFeed: (name) => openBilledFeed(db, billReader, atomically, name),
    ...billReader,
    ...createInputContractReader(db),
    ...openBillStatus(db),
    auditMarks: () => marks.auditMarks(),
    changeMark: openChangeMark(db),
    recordBill(statement) {
      try {
        marked(() => bills.recordBill(statement));
      } catch (error) {
        throw diskFailure(error, path);
      }
    },
    keepPrices: (edit, edition) => marked(() => atomically(() => prices.keep(edit, edition))),
    keepCalibrations: (learnt) => atomically(() => calibrations.keepCalibrations(learnt)),
    keepOffer: (listing) => atomically(() => prices.offer(listing)),
    rateWith(next, from) {
      rater = next;
      parts.cards.rateWith(next);
      try {
        const ofTokens = marked(() => reprice({ ...parts, db }, next, from));
        const ofCapacity = parts.capacity.rate(interpretation.identityVersion, from);
        return addChanges([...ofTokens, ...ofCapacity]);
      } catch (error) {
        parts = assemble(db, interpretation, rater);
        throw diskFailure(error, path);
      }
    },
    recordApiCall(call) {
      try {
        apiCalls.recordApiCall(call);
      } catch (error) {
        throw diskFailure(error, path);
      }
    },
    apiSpent: (source, day) => apiCalls.apiSpent(source, day),
    apiCalls: (day) => Promise.resolve(readApiCalls(db, day)),
    apiTotals: () => Promise.resolve(readApiTotals(db)),
    commit: (batch) => atomically(() => parts.commit(batch)),
    accrueCapacity: (now) => atomically(() => parts.capacity.accrue(now)),
    age(now, retention) {
      const result = atomically(() => parts.age(now, retention));
      if (result.deleted > 0) {
        sums.aged(now, retention);
        latencyHours.aged(now, retention);
        latencyMinutes.aged(now, retention);
        marks.changed();
      }
      return result;
    },
    packHours: (now) => atomically(() => packHours(now)),
    sources: () => Promise.resolve(sources()),
    since: (cursor, limit) => Promise.resolve(readRevisions(db, cursor, limit)),
    coverage(targetId, asked) {
      const { targets, coverage } = parts;
      const units = targets.unitsOf(targets.idOf(targetId));
      const spans = new Map<string, readonly CoverageSpan[]>();
      for (const key of asked?.map((unit) => unit.key) ?? units.keys()) {
        const unit = units.get(key);
        if (unit !== undefined) spans.set(key, coverage.of(unit.id));
      }
      return spans;
    },
    recordDiscovery: (source, discovery, seenAt) =>
      atomically(() => {
        const changed = discovery.inventory.filter((one) => recordInventory(db, one, seenAt));
        if (changed.length > 0) {
          parts.capacity.forget();
          marks.changed();
        }
        parts.rederive.afterInventory(changed, seenAt);
        const polled = parts.targets.record(source, discovery, seenAt);
        listings += 1;
        if (changed.length > 0) parts.capacity.accrue(seenAt);
        return polled;
      }),
    close() {
      db.close();
      lock.release();
    },
  };
}

function assemble(db: Db, interpretation: Interpretation, rater: Rater | undefined) {
  const registry = loadRegistry(db);
  const identities = loadIdentities(db, registry, interpretation);
  const coverage = openCoverage(db);
  const readings = openReadings(db);
  const targets = rememberingUnits(openTargets(db));
  const cards = openCards(db, rater);
  const rating = openRating(db, cards);
  const usage = openUsage(db, registry, readings, identities, interpretation, rating);
  const rollups = openRollups(db, coverage, usage, identities, rating);
  const latency = openLatencyRollup(db, coverage, readings, identities);
  const capacity = openCapacity({ db, coverage, interpretation, cards });
  const rederive = createRederive({
    db,
    registry,
    identities,
    usage,
    rollups,
    latency,
    cards,
    capacity,
  });
  const commit = createCommit({
    db,
    registry,
    targets,
    coverage,
    readings,
    rollups,
    rederive,
    capacity,
  });
  const feed = openFeedParts(db, registry, identities, readings);
  const age = createAgeing({
    db,
    coverage,
    fold: openFold(db, registry, rollups),
    bills: openBillSpans(db),
    feeds: feed.ageing,
  });
  const memory = { registry, identities, coverage, readings, targets, cards, feed };
  return { ...memory, capacity, rederive, commit, age };
}

/**
 * The ledger read-only, beside a running writer.
 * @throws LedgerError `missing` when there is none
 */
export function openLedgerReader(path: string, interpretation: Interpretation): LedgerReader {
  const db = openDatabase(path, 'read');
  const coverage = openCoverage(db);
  const identities = () => loadIdentities(db, loadRegistry(db), interpretation);
  const registry = () => loadRegistry(db);
  const known = { db, registry, identities, coverage: () => coverage, listings: () => 0 };
  const reader = createReader({
    ...known,
    sums: openSums({ db, identities }),
    latencyHours: openLatencyHours({ db, identities }),
    latencyMinutes: openLatencyMinutes({ ...known, readings: openReadings(db) }),
    interpretation,
  });
  const sources = openSources(known);
  return {
    ...reader,
    ...unknownAuditMarks(),
    ...createPriceReader(db, openPrices(db)),
    ...createBillReader(db),
    ...createInputContractReader(db),
    ...createEvidenceReader({ db, registry, interpretation }),
    ...createReadingReader({ db, registry, targets: openTargets(db), coverage }),
    sources: () => Promise.resolve(sources()),
    apiCalls: (day) => Promise.resolve(readApiCalls(db, day)),
    since: (cursor, limit) => Promise.resolve(readRevisions(db, cursor, limit)),
    close: () => void db.close(),
  };
}
