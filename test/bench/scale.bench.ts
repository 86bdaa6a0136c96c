import { setTimeout } from 'node:timers/promises';
import { bench, describe } from 'vitest';
import { startAgentProcess, startCloudProcess } from './agent-process.ts';
import type { AgentProcess } from './agent-process.ts';

/**
 * A hundred thousand series at five minutes, and two cores for the agent and the clouds together: how long the agent works
 * at a poll, and how far it falls behind. Against a server of this folder that computes its answers, for the built-in
 * clouds replay single requests. `npm run build` first: it measures what stands in dist/.
 */
const series = 100_000;
const accounts = 10;
const regions = ['us-east-1', 'eu-central-1'];
const everyMs = 300_000;

function configOf(url: string): string {
  const roles = Array.from(
    { length: accounts },
    (_, n) => `      - { arn: "arn:aws:iam::${String(100_000_000_000 + n)}:role/crossbill" }`,
  );
  return `poll: { every: 5m, overlap: 30m, backfill: 31m }
api_spend_limit: 5000 USD per day
sources:
  - name: scale
    type: aws
    regions: [${regions.join(', ')}]
    endpoint: ${url}
    roles:
${roles.join('\n')}
`;
}

/** From now until nothing has been read for a while. */
async function round(agent: AgentProcess, clouds: { usage(): { readonly cpuSeconds: number } }) {
  const from = performance.now();
  const before = { agent: agent.usage().cpuSeconds, clouds: clouds.usage().cpuSeconds };
  await agent.pauses();
  await agent.quiet(10_000);
  const { p99Ms, maxMs } = await agent.pauses();
  const { cpuSeconds, rssMb, peakRssMb } = agent.usage();
  const seconds = ((agent.lastReadAt() ?? from) - from) / 1_000;
  return (
    `${seconds.toFixed(0)} s, of which the agent ${(cpuSeconds - before.agent).toFixed(1)} s of CPU and the clouds ` +
    `${(clouds.usage().cpuSeconds - before.clouds).toFixed(1)} s; RSS ${rssMb.toFixed(0)} MB, at most ${peakRssMb.toFixed(0)} MB; ` +
    `event loop held up ${p99Ms.toFixed(0)} ms at p99, ${maxMs.toFixed(0)} ms at most`
  );
}

describe('scale', () => {
  bench(
    `${series} series`,
    async () => {
      const clouds = await startCloudProcess<{ readonly url: string }>(
        'scale-cloud.ts',
        ...[series, accounts, regions.length].map(String),
      );
      const agent = await startAgentProcess(configOf(clouds.addresses.url), true);
      const say = (text: string) => void process.stdout.write(`${text}\n`);
      say(`first: listing and half an hour: ${await round(agent, clouds)}`);
      say(`${agent.units()} meters, ledger ${agent.ledgerMb().toFixed(0)} MB`);
      await setTimeout(everyMs - (Date.now() % everyMs));
      const boundary = performance.now();
      while ((agent.lastReadAt() ?? 0) < boundary) await setTimeout(50);
      say(`a poll: ${await round(agent, clouds)}`);
      await agent.stop();
      await clouds.stop();
    },
    { iterations: 1, time: 0, warmupIterations: 0, warmupTime: 0 },
  );
});
