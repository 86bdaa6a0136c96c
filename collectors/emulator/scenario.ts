import { awsLanes } from './lanes-aws.ts';
import { azureLanes } from './lanes-azure.ts';
import type { AwsLane, AzureLane } from './scenario-lane.ts';

/** AWS account reached with own credentials, and the one reached by assuming `role`. */
export const awsAccounts = {
  own: '111122223333',
  other: '444455556666',
} as const;

export const scenarioLanes: readonly (AwsLane | AzureLane)[] = [...awsLanes, ...azureLanes];
