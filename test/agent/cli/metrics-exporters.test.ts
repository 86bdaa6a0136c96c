import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { minuteMs } from '../../../agent/core/time.ts';
import type { Window } from '../../../agent/core/time.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { createMetricsExporter } from '../../../exporters/otlp/metrics.ts';
import { openLedger, openLedgerReader } from '../../../exporters/sqlite/ledger.ts';
import { billLine, billStatement, november } from '../../support/bill-world.ts';
import { cliProcess, configFile, eventually } from '../../support/cli-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startMetricsReceiver } from '../../support/otlp-metrics-receiver.ts';
import { startSmallClouds } from '../../support/small-clouds.ts';

// Real clients over loopback.
vi.setConfig({ testTimeout: 60_000 });

/** A weekday noon, so that every lane has traffic. */
const noon = Date.UTC(2026, 10, 18, 12);
const exporting = (endpoint: string) =>
  `exporters: [{ type: otlp, endpoint: "${endpoint}", protocol: http/json }]\n`;

const interpretation = createInterpretation(new Map(), {
  openaiInputIncludesCached: true,
  bedrockInvocations: 'accepted',
});

/** Output tokens by account, region, model, deployment and minute, as the ledger of that configuration has them. */
async function outputIn(config: string, window: Window): Promise<ReadonlyMap<string, unknown>> {
  const reader = openLedgerReader(join(dirname(config), 'crossbill.db'), interpretation);
  const identities = await reader.identities();
  const identityIds = identities.map(({ id }) => id);
  const rows = await reader.amounts({ grain: 'minute', identityIds, window, bucketMs: minuteMs });
  reader.close();
  return new Map(
    rows.map(({ identityId, bucket, output }) => {
      const its = identities.find(({ id }) => id === identityId);
      const words = [its?.account, its?.region, its?.vendorModel, its?.deployment, bucket];
      return [words.join(' '), output];
    }),
  );
}

/** @param before is given the file of the ledger, before the agent starts */
async function agentWith(
  more: string,
  wanted: string[] = [],
  before: (ledger: string) => void = () => undefined,
) {
  const clock = createFakeClock(noon);
  const clouds = await startSmallClouds(() => clock.now());
  const config = configFile(
    `${clouds.config}poll: { every: 5m, overlap: 30m, backfill: 1h }\n${more}`,
  );
  before(join(dirname(config), 'crossbill.db'));
  const agent = cliProcess({
    clock,
    instead: {
      async createMetricsExporter({ type, headers: _none, ...settings }, { clock: its, ...deps }) {
        wanted.push(type);
        return createMetricsExporter({
          ...settings,
          ...deps,
          headers: () => ({}),
          serviceVersion: '1.2.3',
          now: () => its.now(),
        });
      },
    },
  });
  return { clock, agent, config, status: agent.run('run', '--config', config) };
}

describe('an exporter of the configuration', () => {
  it('is told what settles, as the ledger has it, and none before the agent first started', async () => {
    const receiver = await startMetricsReceiver();
    const { agent, clock, config, status } = await agentWith(exporting(receiver.url));
    // Each reads its first hour while time stands still.
    await eventually(async () => {
      const answer = await agent.served[0]?.fetch(new Request('http://127.0.0.1:9870/readyz'));
      return answer?.status === 200;
    }, 50_000);
    const output = () =>
      receiver
        .points()
        .filter(({ metric }) => metric === 'gen_ai.client.inference.usage.output_tokens');
    // Real clients answer when they do, so time goes on until something has settled.
    await eventually(async () => {
      await clock.advance(minuteMs);
      return output().length >= 20;
    }, 50_000);
    const told = output();
    expect(Math.min(...told.map(({ start }) => start))).toBeGreaterThanOrEqual(noon);
    agent.stop.abort();
    expect(await status).toBe(0);
    expect([...agent.open]).toEqual([]);
    const span = { start: noon, end: Math.max(...told.map(({ end }) => end)) };
    const kept = await outputIn(config, span);
    for (const { resource, attributes, start, value } of told) {
      const place = [resource['cloud.account.id'], resource['cloud.region']];
      const words = ['crossbill.vendor_model', 'crossbill.deployment'];
      const name = words.map((word) => attributes[word] ?? '');
      const key = [...place, ...name, start].join(' ');
      expect([key, kept.get(key)]).toEqual([key, value]);
    }
    await receiver.close();
  });

  it('is told what was billed since it was first there', async () => {
    const receiver = await startMetricsReceiver();
    const { agent, clock, status } = await agentWith(exporting(receiver.url), [], (path) => {
      const ledger = openLedger(path, interpretation, november(3));
      ledger.openFeed(`otlp ${receiver.url}`, november(3));
      ledger.recordBill(billStatement({ lines: [billLine(), billLine({ day: november(2) })] }));
      ledger.close();
    });
    const billed = () =>
      receiver.points().filter(({ metric }) => metric === 'crossbill.cost.billed.usd');
    await eventually(async () => {
      await clock.advance(minuteMs);
      return billed().length > 0;
    }, 50_000);
    agent.stop.abort();
    expect(await status).toBe(0);
    expect(billed()).toMatchObject([{ start: november(3), end: november(4), value: 25 }]);
    await receiver.close();
  });

  it('is not even made where the configuration names none', async () => {
    const wanted: string[] = [];
    const { agent, status } = await agentWith('', wanted);
    await eventually(() => agent.served.length > 0);
    agent.stop.abort();
    expect(await status).toBe(0);
    expect(wanted).toEqual([]);
  });
});
