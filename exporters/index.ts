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

/** By what settled usage leaves as metrics, by the type it has in the configuration. */
export const metricsExporters = {
  otlp: () => import('./otlp/metrics.ts'),
} as const;

/** In which form costs leave as files. */
export const costFiles = {
  focus: () => import('./focus/focus.ts'),
} as const;

/** How messages reach people. */
export const notifiers = {
  webhook: () => import('./webhook/index.ts'),
} as const;
