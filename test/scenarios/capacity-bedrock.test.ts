import { afterEach, describe, expect, test, vi } from 'vitest';
import { parsePricesFile } from '../../agent/config/prices-file.ts';
import { hourMs, minuteMs } from '../../agent/core/time.ts';
import { createRater } from '../../agent/pricing/rater.ts';
import { queryCapacity } from '../../agent/query/capacity.ts';
import { queryUsage } from '../../agent/query/usage.ts';
import type { Step } from '../../agent/query/step.ts';
import type { Lane } from '../../collectors/emulator/lane.ts';
import { scenarioLanes } from '../../collectors/emulator/scenario.ts';
import type { AwsLane, ProvisionedThroughput } from '../../collectors/emulator/scenario-lane.ts';
import { loadTrace } from '../../collectors/emulator/trace.ts';
import { createTraffic } from '../../collectors/emulator/traffic.ts';
import { truth } from '../../collectors/emulator/truth.ts';
import { rehearse } from '../support/rehearsal.ts';
import type { Rehearsal } from '../support/rehearsal.ts';

// Real clients over loopback.
vi.setConfig({ testTimeout: 120_000 });

const noon = Date.UTC(2026, 10, 18, 12);
const from = noon - 2 * hourMs;
const to = noon + 30 * minuteMs;
const place = { account: '111122223333', region: 'us-east-1' };
const arnStart = `arn:aws:bedrock:${place.region}:${place.account}:provisioned-model`;

const busy: ProvisionedThroughput = {
  id: '0throughput1',
  name: 'checkout-units',
  modelArn: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0:300k',
  units: 3,
  status: 'InService',
  commitment: 'OneMonth',
  createdAt: noon - 40 * 24 * hourMs,
  tags: { team: 'checkout' },
};
/** Bought an hour before noon, and used by nobody. */
const idle: ProvisionedThroughput = {
  id: '0throughput2',
  name: 'reserve-units',
  modelArn: 'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-v2:1:200k',
  units: 2,
  status: 'InService',
  createdAt: noon - hourMs,
  tags: {},
};

function laneOf(throughput: ProvisionedThroughput, modelId: string, model: string): AwsLane {
  return {
    ...place,
    cloud: 'aws',
    id: `aws/${place.account}/${place.region}/runtime/${throughput.name}`,
    resource: '',
    endpoint: 'runtime',
    vendorModel: modelId,
    deployment: throughput.name,
    model,
    modelVersion: '',
    family: model.startsWith('amazon') ? 'amazon-nova' : 'anthropic',
    weight: 5,
    tiers: { provisioned: 1 },
    cacheMeters: true,
    throughput,
  };
}

/** The built-in clouds with two provisioned throughputs; the metrics of the one in use say its ARN. */
function traffic() {
  const lanes = [
    ...scenarioLanes.filter(({ vendorModel }) => vendorModel !== 'zai.glm-5'),
    laneOf(busy, `${arnStart}/${busy.id}`, 'amazon/nova-pro'),
    laneOf(idle, idle.id, 'anthropic/claude-2.1'),
  ];
  const all = createTraffic(lanes, loadTrace());
  return {
    lanes,
    requests: (lane: Lane, minute: number) =>
      lane.deployment === idle.name ? [] : all.requests(lane, minute),
  };
}

const pricesFile = `
provisioned:
  - { cloud: aws, model: amazon/nova-pro, usd_per_unit_hour: 21.18 }
  - { cloud: aws, model: anthropic/claude-2.1, usd_per_unit_hour: 70 }
`;
const file = { file: 'prices.yaml', fetchedAt: noon, env: {}, currencies: [], known: [] };
/** Units × hours × dollars, by hand. */
const byHand = { busy: 158_850_000_000n, idle: 210_000_000_000n };
const unitHours = { busy: 3 * 2.5, idle: 2 * 1.5 };

let world: Rehearsal;
afterEach(() => world.close());

async function collected(prices: string) {
  world = await rehearse({ start: noon, traffic: traffic(), clouds: { settled: true } });
  const { ledger } = world;
  ledger.rateWith(createRater(parsePricesFile(prices, file).prices, []), noon);
  await world.poll();
  world.now = to;
  await world.poll();
  ledger.accrueCapacity(world.now);
  return ledger;
}

const onAws = ['cloud', ['aws']] as const;
const asked = { from, to, filters: new Map([onAws]), teams: [] } as const;
const nano = (usd: number | null | undefined) => BigInt(Math.round((usd ?? Number.NaN) * 1e9));

describe('provisioned throughput of Bedrock', () => {
  test('costs units × hours × the price of the prices file, used or not, at every step', async () => {
    const ledger = await collected(pricesFile);
    const lines = await queryCapacity(ledger, { ...asked, stepMs: 'total' });
    expect(
      lines.map((row) => [row.deployment, row.model, row.sku, row.units, row.line, row.unit_hours]),
    ).toEqual([
      [busy.name, 'amazon/nova-pro', 'OneMonth', 3, 'used', unitHours.busy],
      [busy.name, 'amazon/nova-pro', 'OneMonth', 3, 'idle', unitHours.busy],
      [idle.name, 'anthropic/claude-2.1', 'NoCommitment', 2, 'used', unitHours.idle],
      [idle.name, 'anthropic/claude-2.1', 'NoCommitment', 2, 'idle', unitHours.idle],
    ]);
    expect(lines.map(({ cost_usd: usd }) => (usd === null ? null : nano(usd)))).toEqual([
      byHand.busy,
      null,
      0n,
      byHand.idle,
    ]);
    expect(lines[0]?.tokens).toBeGreaterThan(0);

    const steps: readonly Step[] = [60_000, 300_000, 3_600_000, 86_400_000, 'total'];
    for (const stepMs of steps) {
      const { rows, idleUsd } = await queryUsage(ledger, {
        ...asked,
        stepMs,
        groupBy: ['deployment', 'tier'],
        filters: new Map<'cloud' | 'tier', readonly string[]>([onAws, ['tier', ['provisioned']]]),
      });
      const sum = (name: string) =>
        rows
          .filter((row) => row['deployment'] === name)
          .reduce((total, row) => total + nano(row.cost_usd ?? 0), 0n);
      expect([sum(busy.name), sum(idle.name)]).toEqual([byHand.busy, byHand.idle]);
      expect(rows.every((row) => (row.unpriced_tokens ?? 0) === 0)).toBe(true);
      expect(nano(idleUsd)).toBe(byHand.idle);
    }
    const told = truth(world.traffic, { from, to, step: 'total', groupBy: ['deployment'] });
    const served = told.find((row) => row['deployment'] === busy.name);
    const tokens = [
      served?.input_tokens,
      served?.cache_read_tokens,
      served?.cache_write_tokens,
      served?.output_tokens,
    ];
    expect(lines[0]?.tokens).toBe(tokens.reduce<number>((sum, one) => sum + Number(one), 0));
  });

  test('without a price keeps its hours and says that they have none', async () => {
    const ledger = await collected('provisioned: []');
    const lines = await queryCapacity(ledger, { ...asked, stepMs: 'total' });
    expect(lines.map((line) => [line.unit_hours, line.cost_usd])).toEqual([
      [unitHours.busy, null],
      [unitHours.busy, null],
      [unitHours.idle, null],
      [unitHours.idle, null],
    ]);
    const { rows } = await queryUsage(ledger, {
      ...asked,
      stepMs: 'total',
      groupBy: ['deployment'],
      filters: new Map([['deployment', [busy.name]]] as const),
    });
    expect(rows).toHaveLength(1);
    expect(rows[0]?.cost_usd).toBeNull();
    expect(rows[0]?.unpriced_tokens).toBe(lines[0]?.tokens);
  });
});
