import type { GuardSettings } from '../api/gate.ts';
import type { Config } from '../config/schema.ts';
import type { Log } from '../core/log.ts';
import type { Clock } from '../core/time.ts';

/** How long an answer may take. */
const answerSeconds = 30;
/** Requests at once, as seconds of the limit: a dashboard asks for all its panels together. */
const burstSeconds = 10;

/** @param clock the process's own, for the demo's runs ahead of who asks */
export function guardOf(config: Config, clock: Clock, log: Log): GuardSettings {
  const { auth, publicUrl, requestsPerSecond, tls } = config;
  return {
    clock,
    log,
    session: auth.session,
    proxy: auth.proxy,
    isTls: tls !== undefined || publicUrl?.startsWith('https:') === true,
    answerSeconds,
    ...(requestsPerSecond !== null && {
      requests: {
        perSecond: requestsPerSecond,
        burst: Math.max(10, requestsPerSecond * burstSeconds),
      },
    }),
  };
}
