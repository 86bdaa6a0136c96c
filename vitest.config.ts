import { defineConfig } from 'vitest/config';

/** OpenTelemetry keeps process-wide globals, so its tests get a module world each; all others share one. */
const isolated = ['test/exporters/otlp/**/*.test.ts'];

/** Minutes of killed processes and broken clouds; `npm run test:faults`. */
const slow = ['test/faults/**/*.test.ts'];

export default defineConfig({
  test: {
    // A busy machine is no failure.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    coverage: {
      provider: 'v8',
      include: ['{agent,collectors,exporters,dashboards}/**/*.{ts,tsx}'],
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'shared',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: [...isolated, ...slow],
          benchmark: { include: ['test/bench/**/*.bench.ts'] },
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'isolated',
          include: isolated,
          benchmark: { include: [] },
          isolate: true,
        },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          include: slow,
          benchmark: { include: [] },
          fileParallelism: false,
        },
      },
      {
        // Whole programs, started as users start them; `npm run test:e2e`.
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.e2e.ts'],
          benchmark: { include: [] },
          fileParallelism: false,
        },
      },
      {
        // Programs of others, fetched and started beside the test; `npm run test:peers`.
        extends: true,
        test: {
          name: 'peers',
          include: ['test/peers/**/*.peer.ts'],
          benchmark: { include: [] },
          fileParallelism: false,
        },
      },
    ],
  },
});
