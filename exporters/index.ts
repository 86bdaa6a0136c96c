/** By what data leaves the process. One line each, loaded only when it is used. */
export const stores = {
  sqlite: () => import('./sqlite/ledger.ts'),
} as const;

/** Copies of the ledger, out and back in. */
export const ledgerCopies = {
  sqlite: () => import('./sqlite/copies.ts'),
} as const;

/** What the agent tells of its own work. */
export const selfTelemetry = {
  traces: () => import('./otlp/traces.ts'),
} as const;
