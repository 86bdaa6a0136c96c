import { defineConfig } from 'vitest/config';

/** OpenTelemetry keeps process-wide globals, so its tests get a module world each; all others share one. */
const isolated = ['test/exporters/otlp/**/*.test.ts'];

export default defineConfig({
  test: {
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
          exclude: isolated,
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
        // Whole programs, started as users start them; `npm run test:e2e`.
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.e2e.ts'],
          benchmark: { include: [] },
          fileParallelism: false,
        },
      },
    ],
  },
});
