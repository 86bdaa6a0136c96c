import { awsLanes } from '../../collectors/emulator/lanes-aws.ts';
import { azureLanes } from '../../collectors/emulator/lanes-azure.ts';
import type { AwsLane, AzureLane } from '../../collectors/emulator/scenario-lane.ts';
import { startClouds } from '../../collectors/emulator/server.ts';
import { loadTrace } from '../../collectors/emulator/trace.ts';
import { createTraffic } from '../../collectors/emulator/traffic.ts';

/** The built-in clouds with each lane so many times: application profiles on AWS, further deployments on Azure. */
const times = Number(process.argv[2] ?? '1');

const lanes = Array.from({ length: times }, (_, n) => [
  ...awsLanes.map((lane, index) => (n === 0 ? lane : another(lane, `${index}x${n}`))),
  ...azureLanes.map((lane) => (n === 0 ? lane : furtherDeployment(lane, n))),
]).flat();

function another(lane: AwsLane, suffix: string): AwsLane {
  const id = `${lane.id}/${suffix}`;
  if (lane.endpoint === 'mantle') return { ...lane, id, deployment: `proj_${suffix}` };
  const profile = {
    id: `0bench${suffix}`,
    name: `bench-${suffix}`,
    modelArns: [`arn:aws:bedrock:${lane.region}::foundation-model/${lane.model.replace('/', '.')}`],
    tags: { team: `team-${suffix}` },
  };
  return { ...lane, id, vendorModel: profile.id, deployment: profile.name, profile };
}

function furtherDeployment(lane: AzureLane, n: number): AzureLane {
  return { ...lane, id: `${lane.id}/${n}`, deployment: `${lane.deployment}-${n}` };
}

const clouds = await startClouds({ traffic: createTraffic(lanes, loadTrace()) });
process.stdin.once('close', () => process.exit(0));
process.stdin.resume();
process.stdout.write(`${JSON.stringify({ awsUrl: clouds.awsUrl, azureUrl: clouds.azureUrl })}\n`);
