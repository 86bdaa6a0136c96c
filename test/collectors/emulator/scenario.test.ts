import { describe, expect, it } from 'vitest';
import { createAggregates } from '../../../collectors/emulator/aggregate.ts';
import { seriesOf } from '../../../collectors/emulator/aws/series.ts';
import { awsLanes } from '../../../collectors/emulator/lanes-aws.ts';
import { azureAccounts, azureLanes } from '../../../collectors/emulator/lanes-azure.ts';
import { scenarioLanes } from '../../../collectors/emulator/scenario.ts';
import { scriptedTraffic } from './scripted-traffic.ts';

describe('the scenario', () => {
  it('has 30 to 36 lanes under ids of their own', () => {
    expect(scenarioLanes.length).toBeGreaterThanOrEqual(30);
    expect(scenarioLanes.length).toBeLessThanOrEqual(36);
    expect(new Set(scenarioLanes.map((lane) => lane.id)).size).toBe(scenarioLanes.length);
  });

  it('gives about 250 series at the level where each request is counted once', () => {
    const aggregates = createAggregates(scriptedTraffic(scenarioLanes, []));
    const places = new Set(awsLanes.map(({ account, region }) => `${account}/${region}`));
    const all = [...places].flatMap((place) => {
      const [account = '', region = ''] = place.split('/');
      return [...seriesOf(scenarioLanes, aggregates, account, region).values()];
    });
    const once = all.filter(({ dimensions }) => {
      const names = dimensions.map(({ Name }) => Name).join();
      return names === 'Project,Model' || names.startsWith('ModelId');
    });
    // Azure: input, output and requests of a deployment, three cache meters for Claude, utilization for provisioned.
    const azure = azureLanes.reduce((sum, lane) => {
      const cache = lane.cacheMeters ? 3 : 0;
      return sum + 3 + cache + (lane.sku === 'ProvisionedManaged' ? 1 : 0);
    }, 0);
    expect(once.length + azure).toBeGreaterThanOrEqual(230);
    expect(once.length + azure).toBeLessThanOrEqual(280);
  });

  it('has tier shares that make a whole', () => {
    const odd = scenarioLanes.filter((lane) => {
      const whole = Object.values(lane.tiers).reduce((sum, share) => sum + share, 0);
      return Math.abs(whole - 1) > 1e-9;
    });
    expect(odd).toEqual([]);
  });

  it('has cache meters wherever a family counts cached tokens apart, and none on Mantle', () => {
    const apart = scenarioLanes.filter((lane) =>
      ['anthropic', 'amazon-nova'].includes(lane.family),
    );
    expect(apart.filter((lane) => !lane.cacheMeters)).toEqual([]);
    const mantle = scenarioLanes.filter((lane) => lane.endpoint === 'mantle');
    expect(mantle.filter((lane) => lane.cacheMeters)).toEqual([]);
    const azureGpt = azureLanes.filter((lane) => lane.format === 'OpenAI');
    expect(azureGpt.filter((lane) => lane.cacheMeters)).toEqual([]);
  });

  it('has the cases that go wrong elsewhere', () => {
    const chats = azureLanes.filter((lane) => lane.deployment === 'chat');
    expect(new Set(chats.map((lane) => lane.resource)).size).toBe(2);
    expect(new Set(chats.map((lane) => lane.model)).size).toBe(2);
    const formats = azureLanes
      .filter((lane) => lane.resource === 'foundry-sweden')
      .map((lane) => lane.format);
    expect(new Set(formats)).toEqual(new Set(['OpenAI', 'Anthropic']));
    const skus = new Set(azureLanes.map((lane) => lane.sku));
    expect(skus).toEqual(
      new Set([
        'Standard',
        'GlobalStandard',
        'DataZoneStandard',
        'ProvisionedManaged',
        'GlobalBatch',
      ]),
    );
    for (const lane of azureLanes.filter(({ spillover }) => spillover !== '')) {
      const to = azureLanes.find(
        (other) => other.deployment === lane.spillover && other.resource === lane.resource,
      );
      expect(to?.modelName).toBe(lane.modelName);
    }
    const profile = awsLanes.find((lane) => lane.profile !== undefined);
    expect(profile?.vendorModel).toMatch(/^[a-z0-9]{12}$/);
    expect(awsLanes.some((lane) => lane.cacheSpelling === 'InputTokenCount')).toBe(true);
  });

  it('has two subscriptions and three Azure accounts, each with deployments', () => {
    expect(new Set(azureAccounts.map((account) => account.subscription)).size).toBe(2);
    expect(azureAccounts.map((account) => account.location)).toEqual([
      'eastus',
      'swedencentral',
      'japaneast',
    ]);
    const used = new Set(azureLanes.map((lane) => lane.resource));
    expect([...used].toSorted()).toEqual(azureAccounts.map(({ name }) => name).toSorted());
  });
});
