import { minuteMs } from '../../../agent/core/time.ts';
import { callsOf } from './script.ts';
import type { FaultScript } from './script.ts';

const skewMs = 10 * minuteMs;

/** The cloud's clock, or ours, is wrong. */
export const clockScripts: readonly FaultScript[] = (['aws', 'azure'] as const).flatMap(
  (cloud): readonly FaultScript[] => [
    {
      name: 'clock 10 min ahead',
      cloud,
      calls: callsOf[cloud],
      deed: { kind: 'skew', ms: skewMs },
    },
    {
      name: 'clock 10 min behind',
      cloud,
      calls: callsOf[cloud],
      deed: { kind: 'skew', ms: -skewMs },
    },
  ],
);
