import type { TargetStatus } from './store.ts';

/** The status of a target, scope or source of which nothing but its name is known. */
export function unreadTarget(source: string, target: string): TargetStatus {
  return {
    source,
    target,
    cloud: null,
    account: '',
    region: '',
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
  };
}
