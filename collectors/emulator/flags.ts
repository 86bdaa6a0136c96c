import { parseArgs } from 'node:util';
import type { Instant } from '../../agent/core/time.ts';

export const usage = 'Usage: emulator [--speed N] [--start-at ISO|ms] [--port P]';

export interface Flags {
  readonly speed: number;
  readonly startAt: Instant;
  /** 0: free ones. */
  readonly port: number;
}

/** Reads the command line of the process; `now` is the default of `--start-at`. Throws an error that names the flag. */
export function readFlags(args: readonly string[], now: Instant): Flags {
  const { values } = parseArgs({
    args: [...args],
    options: {
      speed: { type: 'string', default: '1' },
      'start-at': { type: 'string', default: String(now) },
      port: { type: 'string', default: '0' },
    },
  });
  const startAt = values['start-at'];
  const flags = {
    speed: Number(values.speed),
    startAt: /^\d+$/.test(startAt) ? Number(startAt) : Date.parse(startAt),
    port: Number(values.port),
  };
  if (!Number.isFinite(flags.speed) || flags.speed <= 0) {
    throw new Error(`--speed must be a number above 0, not ${values.speed}.`);
  }
  if (!Number.isFinite(flags.startAt)) throw new Error(`--start-at is no time: ${startAt}.`);
  // Three servers stand side by side, so the last two ports cannot be the first.
  if (!Number.isInteger(flags.port) || flags.port < 0 || flags.port > 65_533) {
    throw new Error(`--port must be 0 to 65533, not ${values.port}.`);
  }
  return flags;
}
