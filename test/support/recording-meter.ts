import type { ApiCall, ApiMeter } from '../../agent/core/api-call.ts';

/** Lets every call go and keeps what it was told; `underWay` are those that were not said to have ended. */
export function recordingMeter(): ApiMeter & {
  readonly calls: readonly ApiCall[];
  readonly underWay: number;
} {
  const calls: ApiCall[] = [];
  let underWay = 0;
  return {
    calls,
    get underWay() {
      return underWay;
    },
    async admit(call) {
      calls.push(call);
      underWay += 1;
      return () => {
        underWay -= 1;
      };
    },
  };
}
