import type { Ledger } from '../core/store.ts';

/** The ledger, told of by a call whenever something is written that alerts may depend on. */
export function watchedLedger(ledger: Ledger, changed: () => void): Ledger {
  /** Also of a write that failed, for that may be what an alert is about. */
  function after<T>(write: () => T): T {
    try {
      return write();
    } finally {
      changed();
    }
  }
  return {
    ...ledger,
    commit: (batch) => after(() => ledger.commit(batch)),
    recordDiscovery: (...given) => after(() => ledger.recordDiscovery(...given)),
    recordBill: (statement) => after(() => ledger.recordBill(statement)),
    recordFailure: (failure) => after(() => ledger.recordFailure(failure)),
    clearFailure: (scope) => after(() => ledger.clearFailure(scope)),
    rateWith: (rater, from) => after(() => ledger.rateWith(rater, from)),
  };
}
