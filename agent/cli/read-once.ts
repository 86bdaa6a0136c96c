import type { UsageReader } from '../core/store.ts';
import { lazily } from './lazily.ts';

/**
 * The ledger for the questions of one look: what each of them starts from is read once and shared. Coverage then stands before
 * every sum, where what is read in between does no harm.
 */
export function readOnce(reader: UsageReader): UsageReader {
  const coverage = new Map<number, UsageReader['coverageByTraffic']>();
  return {
    ...reader,
    identities: lazily(() => reader.identities()),
    capacities: lazily(() => reader.capacities()),
    calibrations: lazily(() => reader.calibrations()),
    readUntil: lazily(() => reader.readUntil()),
    coverageByTraffic(periodSeconds) {
      const known =
        coverage.get(periodSeconds) ?? lazily(() => reader.coverageByTraffic(periodSeconds));
      coverage.set(periodSeconds, known);
      return known(periodSeconds);
    },
  };
}
