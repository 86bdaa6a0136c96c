import type { Log } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import type { Access } from './auth.ts';
import { createLimiter } from './limits.ts';

/** One thing that somebody did, or was kept from. No secret: of a token its name. */
interface Deed {
  /** The action's name, `login`, or the method and path that was refused. */
  readonly what: string;
  /** Absent where nobody showed who they are. */
  readonly access?: Access | undefined;
  /** Of who asks. */
  readonly address: string | undefined;
  readonly result: 'done' | 'refused' | 'failed';
  /** What was acted on, or why it was refused. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

export type AuditLog = (deed: Deed) => void;

const refusals = { perSecond: 1, burst: 50 };

/** A line for each deed. Refusals beyond fifty at once and one a second are counted, and the next line says how many. */
export function createAuditLog(
  log: Pick<Log, 'info' | 'warn'>,
  clock: Pick<Clock, 'now'>,
): AuditLog {
  const limiter = createLimiter(refusals, clock);
  let unlogged = 0;
  return ({ what, access, address, result, fields }) => {
    if (result === 'refused' && limiter.take('') > 0) {
      unlogged += 1;
      return;
    }
    log[result === 'done' ? 'info' : 'warn']('audit', {
      what,
      ...(access?.token !== undefined && { token: access.token }),
      ...(access?.user !== undefined && { user: access.user }),
      ...(access?.by !== undefined && { by: access.by }),
      address,
      result,
      ...fields,
      ...(unlogged > 0 && { unlogged_refusals: unlogged }),
    });
    unlogged = 0;
  };
}
