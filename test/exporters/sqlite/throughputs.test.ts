import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Discovery, Target } from '../../../agent/core/collector.ts';
import type { InventoryItem } from '../../../agent/core/inventory.ts';
import type { CatalogRow } from '../../../agent/core/meter.ts';
import type { Ledger } from '../../../agent/core/store.ts';
import { hourMs, isoUtc, minuteMs } from '../../../agent/core/time.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { createRater } from '../../../agent/pricing/rater.ts';
import { queryCapacity } from '../../../agent/query/capacity.ts';
import { queryUsage } from '../../../agent/query/usage.ts';
import { openLedger } from '../../../exporters/sqlite/ledger.ts';
import { unitHour } from '../../support/capacity-world.ts';

const interpretation = createInterpretation(new Map(), {
  openaiInputIncludesCached: true,
  bedrockInvocations: 'accepted',
});
const noon = Date.UTC(2026, 10, 24, 12);
const place = { cloud: 'aws', account: '111122223333', region: 'us-east-1', resource: '' } as const;
const arnStart = 'arn:aws:bedrock:us-east-1:111122223333:provisioned-model';
const nova = 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0';
const price = unitHour(3, { cloud: 'aws', routing: '' });

const row: CatalogRow = {
  id: 'input',
  namespace: 'AWS/Bedrock',
  metricNames: ['InputTokenCount'],
  statistics: ['Sum'],
  dimensions: ['ModelId'],
  measure: { kind: 'tokens', meter: 'input' },
  contract: 'plain',
  level: 'total',
  vocabulary: 0,
  periodSeconds: 60,
  settleSeconds: 900,
  source: 'https://example.com',
};

const units = ['a', 'b'].map((key) => {
  return { key, rowId: 'input', metric: 'InputTokenCount', dimensions: { ModelId: key } };
});

const target: Target = {
  ...place,
  id: 'aws/111122223333/us-east-1/AWS/Bedrock',
  source: 'aws',
  labels: {},
  rows: [row],
  units,
  rememberUnits: true,
  retention: [{ periodSeconds: 60, ageSeconds: 15 * 86_400 }],
};

function throughput(id: string, change: Readonly<Record<string, string>> = {}): InventoryItem {
  return {
    kind: 'provisioned_throughput',
    name: id,
    attributes: {
      throughput_name: `${id}-name`,
      arn: `${arnStart}/${id}`,
      model_arn: nova,
      foundation_model_arn: nova,
      model_units: '2',
      status: 'InService',
      commitment: 'NoCommitment',
      created_at: isoUtc(noon),
      commitment_expires_at: '',
      ...change,
    },
    tags: { team: id },
  };
}

let ledger: Ledger;
beforeEach(() => {
  ledger = openLedger(':memory:', interpretation, noon);
});
afterEach(() => ledger.close());

/** What a listing of the region says. */
function discover(at: number, ...items: readonly InventoryItem[]): void {
  const found: Discovery = {
    scopes: ['aws'],
    targets: [target],
    inventory: [{ ...place, kind: 'provisioned_throughput', items }],
    failures: [],
  };
  ledger.recordDiscovery('aws', found, at);
}

/** A hundred input tokens in each minute of the hour. */
function read(start: number, unitKey: string, vendorModel: string, tier: '' | 'provisioned' = '') {
  const starts = Array.from({ length: 60 }, (_, minute) => start + minute * minuteMs);
  ledger.commit({
    target,
    units,
    window: { start, end: start + hourMs },
    periodSeconds: 60,
    readAt: start + 2 * hourMs,
    rejections: [],
    readings: [
      {
        unitKey,
        periodSeconds: 60,
        starts,
        columns: { sum: starts.map(() => 100) },
        series: {
          key: {
            ...place,
            namespace: 'AWS/Bedrock',
            metric: 'InputTokenCount',
            dimensions: { ModelId: vendorModel },
          },
          traffic: { ...place, endpoint: 'runtime', vendorModel, deployment: '' },
          facet: { tier, modelName: '', modelVersion: '' },
          measure: row.measure,
          contract: 'plain',
          level: 'total',
          rank: 0,
          settleSeconds: 900,
        },
      },
    ],
  });
}

async function lines(from: number, to: number) {
  const asked = { from, to, stepMs: 'total', filters: new Map(), teams: [] } as const;
  const rows = await queryCapacity(ledger, asked);
  return rows.map((one) => [one.deployment, one.line, one.cost_usd, one.unit_hours, one.tokens]);
}

async function usage(from: number, to: number) {
  const { rows } = await queryUsage(ledger, {
    from,
    to,
    stepMs: 'total',
    groupBy: ['deployment', 'model', 'tier'],
    filters: new Map(),
    teams: [],
  });
  return rows.map((one) => [one['deployment'], one.cost_usd, one.unpriced_tokens, one['tier']]);
}

describe('model units of Bedrock', () => {
  it('nobody uses are charged all the same, as idle', async () => {
    ledger.rateWith(createRater([price], []), noon);
    discover(noon, throughput('idle'));
    ledger.accrueCapacity(noon + 3 * hourMs);
    expect(await lines(noon, noon + 3 * hourMs)).toEqual([
      ['idle-name', 'used', 0, 6, null],
      ['idle-name', 'idle', 18, 6, 0],
    ]);
    expect(await usage(noon, noon + 3 * hourMs)).toEqual([['idle-name', 18, null, 'provisioned']]);
  });

  it.each([
    ['their id', 'busy'],
    ['their ARN', `${arnStart}/busy`],
  ])('are borne by the traffic whose meters say %s, and by no other', async (_what, modelId) => {
    ledger.rateWith(createRater([price], []), noon);
    discover(noon, throughput('busy'), throughput('idle'));
    read(noon, 'a', modelId);
    read(noon, 'b', 'amazon.nova-pro-v1:0');
    expect(await lines(noon, noon + hourMs)).toEqual([
      ['busy-name', 'used', 6, 2, 6_000],
      ['busy-name', 'idle', null, 2, 0],
      ['idle-name', 'used', 0, 2, null],
      ['idle-name', 'idle', 6, 2, 0],
    ]);
    expect(await usage(noon, noon + hourMs)).toEqual([
      ['', null, 6_000, 'unknown'],
      ['busy-name', 6, 0, 'provisioned'],
      ['idle-name', 6, null, 'provisioned'],
    ]);
  });

  it('without a price keep their hours, and are unpriced, not free', async () => {
    ledger.rateWith(createRater([], []), noon);
    discover(noon, throughput('busy'));
    read(noon, 'a', 'busy');
    expect(await lines(noon, noon + hourMs)).toEqual([
      ['busy-name', 'used', null, 2, 6_000],
      ['busy-name', 'idle', null, 2, 0],
    ]);
    expect(await usage(noon, noon + hourMs)).toEqual([['busy-name', null, 6_000, 'provisioned']]);
    ledger.rateWith(createRater([price], []), noon + hourMs);
    expect(await usage(noon, noon + hourMs)).toEqual([['busy-name', 6, 0, 'provisioned']]);
  });

  it('are charged from their creation on where a later look finds them, and not before', async () => {
    ledger.rateWith(createRater([price], []), noon);
    discover(noon);
    read(noon, 'b', 'amazon.nova-pro-v1:0');
    const created_at = isoUtc(noon + 90 * minuteMs);
    discover(noon + 4 * hourMs, throughput('new', { created_at }));
    const day = [noon - 12 * hourMs, noon + 4 * hourMs] as const;
    expect((await lines(...day))[1]).toEqual(['new-name', 'idle', 15, 5, 0]);
  });

  it('created before anything of the account was read are charged from then', async () => {
    ledger.rateWith(createRater([price], []), noon);
    discover(noon);
    read(noon, 'b', 'amazon.nova-pro-v1:0');
    const created_at = isoUtc(noon - 100 * hourMs);
    discover(noon + 4 * hourMs, throughput('old', { created_at }));
    expect((await lines(noon - 200 * hourMs, noon + 4 * hourMs))[1]?.[3]).toBe(8);
  });

  it('that are more, or of another term, from a look on are charged each span at its size', async () => {
    ledger.rateWith(createRater([price], []), noon);
    discover(noon, throughput('grows'));
    const model_units = '5';
    discover(noon + hourMs, throughput('grows', { model_units, commitment: 'OneMonth' }));
    discover(noon + 2 * hourMs);
    ledger.accrueCapacity(noon + 9 * hourMs);
    expect((await lines(noon, noon + 9 * hourMs))[1]).toEqual(['grows-name', 'idle', 21, 7, 0]);
  });

  it('are charged while they are created, and never were where that failed', async () => {
    ledger.rateWith(createRater([price], []), noon);
    const creating = { status: 'Creating' };
    discover(noon, throughput('good', creating), throughput('bad', creating));
    ledger.accrueCapacity(noon + hourMs);
    expect((await lines(noon, noon + hourMs)).map((one) => one[3])).toEqual([2, 2, 2, 2]);
    discover(noon + hourMs, throughput('good'), throughput('bad', { status: 'Failed' }));
    ledger.accrueCapacity(noon + 2 * hourMs);
    expect(await lines(noon, noon + 2 * hourMs)).toEqual([
      ['good-name', 'used', 0, 4, null],
      ['good-name', 'idle', 12, 4, 0],
    ]);
  });

  it('are no reason to take the tokens of a reserved tier for paid', async () => {
    ledger.rateWith(createRater([price], []), noon);
    discover(noon, throughput('idle'));
    read(noon, 'b', 'amazon.nova-pro-v1:0', 'provisioned');
    expect(await usage(noon, noon + hourMs)).toEqual([
      ['', null, 6_000, 'provisioned'],
      ['idle-name', 6, null, 'provisioned'],
    ]);
  });

  it('are named, and their traffic with them, once they can be listed', async () => {
    ledger.rateWith(createRater([price], []), noon);
    ledger.recordDiscovery(
      'aws',
      { scopes: ['aws'], targets: [target], inventory: [], failures: [] },
      noon,
    );
    read(noon, 'a', 'busy');
    expect(await usage(noon, noon + hourMs)).toEqual([['', null, 6_000, 'unknown']]);
    discover(noon + 2 * hourMs, throughput('busy'));
    expect(await usage(noon, noon + hourMs)).toEqual([['busy-name', 6, 0, 'provisioned']]);
  });
});
