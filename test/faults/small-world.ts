import { minuteMs } from '../../agent/core/time.ts';
import type { ApiMeter } from '../../agent/core/api-call.ts';
import type { Collector } from '../../agent/core/collector.ts';
import type { Instant } from '../../agent/core/time.ts';
import { createAwsCollector } from '../../collectors/aws/index.ts';
import { createAzureCollector } from '../../collectors/azure/index.ts';
import { draw } from '../../collectors/emulator/serve-request.ts';
import type { Lane, Request, Traffic } from '../../collectors/emulator/lane.ts';
import { hashText } from '../../collectors/emulator/hash.ts';
import { scenarioLanes } from '../../collectors/emulator/scenario.ts';
import { awsAccess } from '../../collectors/emulator/aws/access.ts';
import type { Clouds } from '../../collectors/emulator/server.ts';

const chosen = [
  'aws/111122223333/us-east-1/runtime/0example0001',
  'aws/111122223333/eu-central-1/runtime/eu.anthropic.claude-sonnet-4-6',
  'aws/444455556666/us-east-1/mantle/default/openai.gpt-5.5',
  'azure/00000000-0000-0000-0000-000000000001/aoai-east/chat',
  'azure/00000000-0000-0000-0000-000000000001/foundry-sweden/claude-sonnet-4-6',
  'azure/00000000-0000-0000-0000-000000000002/foundry-japan/gpt-5.6-sol',
];

/**
 * A few lanes of each cloud, each with up to three requests a minute of every status: as much as a fault needs to hide,
 * and no meter silent for long, for the listing looks back two weeks for the last datum of each.
 */
export function smallTraffic(): Traffic {
  const lanes = scenarioLanes.filter(({ id }) => chosen.includes(id));
  if (lanes.length !== chosen.length) throw new Error('the scenario lost a lane of the matrix');
  return { lanes, requests };
}

/** Of every twenty requests; the rest is served. */
const statuses = [429, 429, 400, 500] as const;

function requests(lane: Lane, minute: Instant): readonly Request[] {
  const row = hashText(lane.id) % 10_000;
  const minuteIndex = Math.floor(minute / minuteMs);
  const count = Math.floor(draw(row, minuteIndex, 0) * 4);
  return Array.from({ length: count }, (_, index): Request => {
    const status = statuses[Math.floor(draw(row + index, minuteIndex, 1) * 20)] ?? 200;
    const pick = (most: number, purpose: number) =>
      status === 200 ? Math.floor(draw(row + index, minuteIndex, purpose) * most) : 0;
    return {
      start: minute + index * 1_000,
      input: pick(2_000, 2),
      cacheRead: lane.cacheMeters ? pick(500, 3) : 0,
      cacheWrite: lane.cacheMeters ? pick(100, 4) : 0,
      output: pick(300, 5),
      status,
      tier: 'standard',
      latencyMs: 500 + pick(500, 6),
      firstTokenMs: status === 200 ? 100 + pick(100, 7) : 0,
    };
  });
}

export interface SourceChoices {
  /** Whether Azure's metrics are read in batches. */
  readonly batch?: boolean;
  /** Counts every request; absent: none is counted. */
  readonly meter?: ApiMeter;
}

/** The sources of one cloud: on AWS own credentials and a role, on Azure all subscriptions. */
export function sourcesOf(
  cloud: 'aws' | 'azure',
  clouds: Clouds,
  clock: { now(): Instant },
  timeoutMs: number,
  { batch = false, meter }: SourceChoices = {},
): readonly Collector[] {
  const metered = meter === undefined ? {} : { meter };
  if (cloud === 'azure') {
    const credential = { kind: 'static_token', token: () => 'matrix' } as const;
    const config = { name: 'azure', credential, endpoint: clouds.azureUrl, timeoutMs, batch };
    return [createAzureCollector(config, { now: () => clock.now(), ...metered })];
  }
  const { accessKeyId, secretAccessKey, role } = awsAccess;
  const credentials = () => Promise.resolve({ accessKeyId, secretAccessKey });
  const aws = { linkedAccounts: false, endpoint: clouds.awsUrl, timeoutMs };
  return [
    createAwsCollector(
      { ...aws, name: 'aws', regions: ['us-east-1', 'eu-central-1'], roles: [] },
      { clock, credentials, ...metered },
    ),
    createAwsCollector(
      { ...aws, name: 'aws-role', regions: ['us-east-1'], roles: [{ arn: role }] },
      { clock, credentials, ...metered },
    ),
  ];
}

/** Of each cloud one lane. */
export function thinTraffic(): Traffic {
  const all = smallTraffic();
  const lanes = all.lanes.filter(({ id }) => [chosen[0], chosen[3]].includes(id));
  return { ...all, lanes };
}
