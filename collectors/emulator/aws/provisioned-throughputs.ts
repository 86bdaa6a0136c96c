import * as z from 'zod';
import type { Lane } from '../lane.ts';
import { isAwsLane } from '../scenario-lane.ts';
import type { ProvisionedThroughput } from '../scenario-lane.ts';
import type { Caller } from './access.ts';
import { AwsError } from './errors.ts';
import { readToken, writeToken } from './token.ts';

/** A term of commitment as it is counted here; AWS does not say how long its months are. */
const termDays = { OneMonth: 30, SixMonths: 180 } as const;

/** The model units of the account in the region, by the ARN that its metrics may say instead of the id. */
export function throughputsOf(
  lanes: readonly Lane[],
  { account, region }: Caller,
): ReadonlyMap<string, ProvisionedThroughput> {
  const here = lanes
    .filter(isAwsLane)
    .filter((lane) => lane.account === account && lane.region === region);
  return new Map(
    here.flatMap(({ throughput }) =>
      throughput === undefined
        ? []
        : [[`arn:aws:bedrock:${region}:${account}:provisioned-model/${throughput.id}`, throughput]],
    ),
  );
}

const tokenSchema = z.object({ from: z.int().nonnegative() });

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListProvisionedModelThroughputs.html */
export function listProvisionedThroughputs(
  lanes: readonly Lane[],
  caller: Caller,
  query: URLSearchParams,
) {
  const most = Number(query.get('maxResults') ?? 100);
  if (!Number.isInteger(most) || most < 1 || most > 1000) {
    throw new AwsError(400, 'ValidationError', 'maxResults must be 1 to 1000.');
  }
  const token = query.get('nextToken');
  const from = token === null ? 0 : readToken(token, tokenSchema).from;
  const all = [...throughputsOf(lanes, caller)];
  const shown = all.slice(from, from + most).map(([arn, one]) => summaryOf(arn, one));
  const next = from + most < all.length ? { nextToken: writeToken({ from: from + most }) } : {};
  return { provisionedModelSummaries: shown, ...next };
}

function summaryOf(provisionedModelArn: string, one: ProvisionedThroughput) {
  const { name, modelArn, units, status, commitment, createdAt } = one;
  const at = new Date(createdAt);
  const term = commitment && {
    commitmentDuration: commitment,
    commitmentExpirationTime: new Date(createdAt + termDays[commitment] * 86_400_000),
  };
  return {
    provisionedModelName: name,
    provisionedModelArn,
    modelArn,
    desiredModelArn: modelArn,
    foundationModelArn: modelArn,
    modelUnits: units,
    desiredModelUnits: units,
    status,
    ...term,
    creationTime: at,
    lastModifiedTime: at,
  };
}
