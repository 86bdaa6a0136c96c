import type { TargetStatus } from '../../agent/core/store.ts';

/** A target of which nothing was heard yet, to be changed where a test cares. */
export function targetStatus(change: Partial<TargetStatus> = {}): TargetStatus {
  return {
    source: 'prod-aws',
    target: 'prod-aws/111122223333/us-east-1/AWS/Bedrock',
    cloud: 'aws',
    account: '111122223333',
    region: 'us-east-1',
    resource: '',
    labels: {},
    lastSuccess: null,
    watermark: null,
    failure: null,
    series: 0,
    units: 0,
    nextPoll: null,
    cadenceSeconds: null,
    slowed: null,
    irregularities: {},
    ...change,
  };
}
