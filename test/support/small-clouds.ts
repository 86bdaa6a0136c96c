import { onTestFinished } from 'vitest';
import type { Cloud } from '../../agent/core/cloud.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import { isoUtc } from '../../agent/core/time.ts';
import { usageColumns } from '../../agent/query/usage.ts';
import { noFaults } from '../../collectors/emulator/faults.ts';
import type { Faults } from '../../collectors/emulator/faults.ts';
import { scenarioLanes } from '../../collectors/emulator/scenario.ts';
import { startClouds } from '../../collectors/emulator/server.ts';
import type { Clouds } from '../../collectors/emulator/server.ts';
import { loadTrace } from '../../collectors/emulator/trace.ts';
import { createTraffic } from '../../collectors/emulator/traffic.ts';
import { truth } from '../../collectors/emulator/truth.ts';
import type { TruthStep } from '../../collectors/emulator/truth.ts';
import type { CliProcess } from './cli-world.ts';

/** A model on AWS by own credentials, one on AWS by a role, one on Azure: a source each. */
const lanes = scenarioLanes.filter((lane) =>
  [
    'aws/111122223333/us-east-1/runtime/us.anthropic.claude-sonnet-4-6',
    'aws/444455556666/us-west-2/runtime/us.openai.gpt-5.6-sol',
    'azure/00000000-0000-0000-0000-000000000002/foundry-japan/gpt-4o',
  ].includes(lane.id),
);

export const sourceNames = ['own', 'search', 'azure'] as const;

export interface SmallClouds extends Clouds {
  /** A `crossbill.yaml` that reads all three of them into `crossbill.db` beside it. */
  readonly config: string;
  /**
   * Where `report` of the process says something else of a span than what was truly used, a line each; none is the wish.
   */
  differences(
    process: CliProcess,
    config: string,
    span: Window,
    step: TruthStep,
  ): Promise<readonly string[]>;
}

/**
 * Both built-in clouds with little traffic, until the test ends.
 * @param clouds whose traffic; both unless given
 */
export async function startSmallClouds(
  now: () => Instant,
  faults: Faults = noFaults,
  clouds: readonly Cloud[] = ['aws', 'azure'],
): Promise<SmallClouds> {
  const traffic = createTraffic(
    lanes.filter(({ cloud }) => clouds.includes(cloud)),
    loadTrace(),
  );
  const servers = await startClouds({ now, traffic, faults });
  onTestFinished(() => servers.close());
  return {
    ...servers,
    config: `
ledger: sqlite:./crossbill.db
sources:
  - { name: own, type: aws, regions: [us-east-1], endpoint: '${servers.awsUrl}' }
  - name: search
    type: aws
    regions: [us-west-2]
    roles: [{ arn: 'arn:aws:iam::444455556666:role/crossbill' }]
    endpoint: '${servers.awsUrl}'
  - { name: azure, type: azure, credential: { static_token: test }, endpoint: '${servers.azureUrl}' }
`,
    async differences(process, config, span, step) {
      const [from, to] = [isoUtc(span.start), isoUtc(span.end)];
      const asked = ['--from', from, '--to', to, '--step', step, '--by', 'cloud,model', '--json'];
      const before = process.out.text().length;
      const status = await process.run('report', '--config', config, ...asked);
      if (status !== 0) return [process.err.text()];
      const rows = JSON.parse(process.out.text().slice(before)) as readonly Row[];
      const told = new Map(rows.map((row) => [nameOf(row), row]));
      const query = { from: span.start, to: span.end, step, groupBy: ['cloud', 'model'] } as const;
      return truth(traffic, query).flatMap((row) =>
        counted
          .map((column) => [column, row[column], told.get(nameOf(row))?.[column]] as const)
          .filter(([, used, said]) => said !== used)
          .map(([column, used, said]) => `${nameOf(row)} ${column}: truth ${used}, report ${said}`),
      );
    },
  };
}

type Row = Readonly<Record<string, string | number | null>>;

const counted = usageColumns.slice(0, usageColumns.indexOf('cost_usd')) as readonly (
  | 'input_tokens'
  | 'requests'
)[];

function nameOf(row: object): string {
  return ['time', 'cloud', 'model'].map((name) => Reflect.get(row, name)).join(' ');
}
