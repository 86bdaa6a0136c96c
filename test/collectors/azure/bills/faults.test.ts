import { describe, expect, test } from 'vitest';
import { ExternalError } from '../../../../agent/core/errors.ts';
import { dayMs } from '../../../../agent/core/time.ts';
import { createAzureBillCollector } from '../../../../collectors/azure/bills/index.ts';
import { startAzure } from '../../../../collectors/emulator/azure/server.ts';
import { costScripts } from '../../../../collectors/emulator/faults/costs.ts';
import { createFaultScript } from '../../../../collectors/emulator/faults/create.ts';
import type { Traffic } from '../../../../collectors/emulator/lane.ts';
import { azureLanes } from '../../../../collectors/emulator/lanes-azure.ts';
import { createWorld } from '../../../../collectors/emulator/world.ts';

const { signal } = new AbortController();
const day = Date.UTC(2026, 10, 15);
const from = Date.UTC(2026, 10, 18, 12);

const traffic: Traffic = { lanes: azureLanes, requests: () => [] };

describe('a bill of a cloud in trouble', () => {
  test.each([...new Set(costScripts.map(({ name }) => name))])(
    '%s: no part of a statement, and all of it afterwards',
    async (name) => {
      let at = from;
      const now = () => at;
      const faults = createFaultScript(name, {
        cloud: 'azure',
        now,
        from,
        to: from + 1,
        match: ({ operation }) => operation === 'costs',
      });
      const azure = await startAzure(createWorld({ traffic, now, faults }), {
        limitsCosts: false,
      });
      const collectorOf = (timeoutMs: number) =>
        createAzureBillCollector(
          {
            name: 'prod',
            endpoint: azure.url,
            credential: { kind: 'static_token', token: () => 'sesame' },
            timeoutMs,
          },
          { now, canonicalOf: (model, modelVersion) => ({ model, modelVersion }) },
        );
      // A cloud that hangs is not waited for; one that answers may be slow on a busy machine.
      const [hurried, patient] = [collectorOf(250), collectorOf(30_000)];
      try {
        const [scope] = (await patient.scopes(signal)).scopes;
        if (scope === undefined) throw new Error('no scope');
        const span = { start: day, end: day + dayMs };
        const failure = await hurried.fetch(scope, span, signal).catch((thrown: unknown) => thrown);
        expect(failure).toBeInstanceOf(ExternalError);
        expect(String(failure)).not.toContain('sesame');
        at = from + 1;
        expect((await patient.fetch(scope, span, signal)).lines.map(({ meter }) => meter)).toEqual([
          'Provisioned Managed Regional Unit',
          'S1 Speech To Text Audio Hours',
        ]);
      } finally {
        await Promise.all([hurried.close(), patient.close()]);
        await azure.close();
      }
    },
  );
});
