import { bench, describe } from 'vitest';
import { startAgentProcess, startCloudProcess } from './agent-process.ts';

/**
 * What the agent costs the machine it runs on: the bundle as a user starts it, against the built-in clouds in a process of
 * their own. `npm run build` first: it measures what stands in dist/.
 */
interface Addresses {
  readonly awsUrl: string;
  readonly azureUrl: string;
}

const once = { iterations: 1, time: 0, warmupIterations: 0, warmupTime: 0 } as const;
/** Since its last read: long enough for the agent to see that it rests and to give back what it took. A poll starts it anew. */
const restMs = 60_000;

function configOf({ awsUrl, azureUrl }: Addresses, backfill: string): string {
  const regions = '[us-east-1, us-west-2, eu-central-1]';
  return `poll: { every: 5m, overlap: 30m, backfill: ${backfill} }
sources:
  - { name: own, type: aws, regions: ${regions}, endpoint: "${awsUrl}" }
  - name: search
    type: aws
    regions: ${regions}
    roles: [{ arn: "arn:aws:iam::444455556666:role/crossbill" }]
    endpoint: ${awsUrl}
  - { name: azure, type: azure, credential: { static_token: bench }, endpoint: "${azureUrl}" }
`;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

describe('the start', () => {
  const starts: { readonly wallMs: number; readonly cpuMs: number; readonly rssMb: number }[] = [];
  bench(
    'to the first 200 of /healthz',
    async () => {
      const clouds = await startCloudProcess<Addresses>('agent-clouds.ts');
      for (let n = 0; n < 10; n += 1) {
        const agent = await startAgentProcess(configOf(clouds.addresses, '1h'));
        const { cpuSeconds, rssMb } = agent.atStart;
        starts.push({ wallMs: agent.startMs, cpuMs: cpuSeconds * 1_000, rssMb });
        await agent.stop();
      }
      await clouds.stop();
      const sorted = starts.toSorted((a, b) => a.wallMs - b.wallMs);
      const told = [sorted[0], sorted[5]].map(
        (one) => `${one?.wallMs.toFixed(0)} ms (${one?.cpuMs.toFixed(0)} ms of CPU)`,
      );
      say(`start to /healthz, of 10: fastest ${told[0]}, median ${told[1]}`);
    },
    once,
  );
});

describe('memory', () => {
  const cases = [
    { title: 'an hour of four times the built-in clouds', times: '4', backfill: '1h' },
    { title: 'two days of the built-in clouds', times: '1', backfill: '2d' },
  ];
  for (const { title, times, backfill } of cases) {
    bench(
      title,
      async () => {
        const clouds = await startCloudProcess<Addresses>('agent-clouds.ts', times);
        const agent = await startAgentProcess(configOf(clouds.addresses, backfill));
        const from = performance.now();
        await agent.ready();
        await agent.quiet(10_000);
        const filledSeconds = ((agent.lastReadAt() ?? from) - from) / 1_000;
        const filled = agent.usage();
        await agent.quiet(restMs);
        const idle = agent.usage();
        say(
          `${title}: ${agent.units()} meters, filled in ${filledSeconds.toFixed(0)} s ` +
            `(${filled.cpuSeconds.toFixed(1)} s of CPU, ledger ${agent.ledgerMb().toFixed(0)} MB), ` +
            `RSS at most ${idle.peakRssMb.toFixed(0)} MB, idle ${idle.rssMb.toFixed(0)} MB`,
        );
        await agent.stop();
        await clouds.stop();
      },
      once,
    );
  }
});
