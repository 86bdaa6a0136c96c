import { abortWith } from '../core/abort.ts';
import type { BillCollector, BillScope } from '../core/bill.ts';
import { billTarget } from '../core/bill.ts';
import type { Cloud } from '../core/cloud.ts';
import type { ScopeFailure } from '../core/collector.ts';
import { toExternalError } from '../core/errors.ts';
import { dayMs, hourMs, isoUtc, minuteMs } from '../core/time.ts';
import { backoffMs } from '../core/backoff.ts';
import { runBillScope } from './bill-scope-loop.ts';
import type { BillLoopDeps, BillScopeState } from './bill-scope-loop.ts';
import { createBillSpending } from './bill-spending.ts';
import { createBreaker } from './breaker.ts';
import type { Breaker } from './breaker.ts';
import { createSlots } from './slots.ts';

export interface BillLoop {
  readonly name: string;
  /** Resolves when the signal has aborted and every scope has stopped. */
  run(signal: AbortSignal): Promise<void>;
}

const listEveryMs = dayMs;
/** What could not be listed is listed again sooner, later each time it fails again. */
const relisting = { firstMs: minuteMs, mostMs: hourMs } as const;

/** Lists whose bills a source can ask for, daily, and keeps each of them told on its own. */
export function createBillLoop(deps: BillLoopDeps, collector: BillCollector): BillLoop {
  const { clock, ledger, log } = deps;
  const { name, cloud } = collector;
  const running = new Map<
    string,
    { readonly state: BillScopeState; readonly stop: AbortController }
  >();
  /** Of every scope that has not ended yet, those included that were dropped in the middle of a call. */
  const unfinished = new Set<Promise<void>>();
  const breakers = new Map<string, Breaker>();
  const slots = createSlots(1);
  const spending = createBillSpending(deps.limits, name);

  function breakerOf({ account }: BillScope): Breaker {
    const breaker = breakers.get(account) ?? createBreaker();
    breakers.set(account, breaker);
    return breaker;
  }

  function follow(scopes: readonly BillScope[], signal: AbortSignal): void {
    const wanted = new Set(scopes.map(billTarget));
    spending.keep(wanted);
    for (const [target, { stop }] of running) {
      if (wanted.has(target)) continue;
      stop.abort();
      running.delete(target);
    }
    for (const scope of scopes) {
      const known = running.get(billTarget(scope));
      if (known !== undefined) {
        known.state.scope = scope;
        continue;
      }
      const state: BillScopeState = { scope };
      const stop = new AbortController();
      const release = abortWith(signal, stop);
      const shared = { breaker: breakerOf(scope), slots, spending };
      const done = runBillScope(deps, collector, state, shared, stop.signal).finally(() => {
        release();
        unfinished.delete(done);
      });
      unfinished.add(done);
      running.set(billTarget(scope), { state, stop });
    }
  }

  /** A scope that was known before and that a failure may hide, above it or of a part of it, is asked on. */
  function withHidden(
    scopes: readonly BillScope[],
    failures: readonly ScopeFailure[],
  ): readonly BillScope[] {
    const listed = new Set(scopes.map(billTarget));
    const hidden = [...running.values()]
      .map(({ state }) => state.scope)
      .filter(
        (one) =>
          !listed.has(billTarget(one)) &&
          failures.some(({ scope }) => isWithin(one.scope, scope) || isWithin(scope, one.scope)),
      );
    return [...scopes, ...hidden];
  }

  function tell(failures: readonly ScopeFailure[], wait: number): void {
    const at = clock.now();
    for (const { scope, error } of failures) {
      log.warn('bills could not be listed', { scope, reason: error.reason, hint: error.hint });
      const failure = { source: name, scope: `${scope}/bills`, error, at, nextTry: at + wait };
      ledger.recordFailure({ ...failure, kind: 'bills' });
    }
  }

  /** Resolves to what could not be listed. */
  async function list(signal: AbortSignal): Promise<readonly ScopeFailure[]> {
    const listing = await collector.scopes(signal);
    if (signal.aborted) return [];
    const scopes = withHidden(listing.scopes, listing.failures);
    ledger.recordBillScopes(name, cloud, scopes);
    const failing = listing.failures.map(({ scope }) => `${scope}/bills`);
    ledger.settleScopes(name, failing, 'bills');
    log.info('bills listed', { source: name, scopes: scopes.length });
    follow(scopes, signal);
    return listing.failures;
  }

  return {
    name,
    async run(signal) {
      let failed = 0;
      if (deps.startAfterMs !== undefined) await clock.sleep(deps.startAfterMs, signal);
      while (!signal.aborted) {
        let failures: readonly ScopeFailure[];
        try {
          failures = await list(signal);
        } catch (thrown) {
          failures = [{ scope: name, error: toExternalError(thrown, 'bills') }];
        }
        if (signal.aborted) break;
        failed = failures.length === 0 ? 0 : failed + 1;
        const waits = failures.map(({ error }) =>
          backoffMs(error, failed, deps.random(), relisting),
        );
        const wait = Math.min(listEveryMs, ...waits);
        try {
          tell(failures, wait);
        } catch (thrown) {
          log.error('failure not recorded', { source: name, message: String(thrown) });
        }
        await sleepUntil(clock.now() + wait, signal);
      }
      await Promise.all(unfinished);
    },
  };

  /** In pieces, so that a clock that was set does not put the listing off. */
  async function sleepUntil(end: number, signal: AbortSignal): Promise<void> {
    log.debug('bills are listed again', { source: name, at: isoUtc(end) });
    while (!signal.aborted && clock.now() < end) {
      await clock.sleep(Math.min(hourMs, end - clock.now()), signal);
    }
  }
}

/** Puts on record that the bills of a source are not asked for any more; what was told of them stays. */
export function endBills(
  { ledger, log }: Pick<BillLoopDeps, 'ledger' | 'log'>,
  name: string,
  cloud: Cloud,
): void {
  try {
    ledger.recordBillScopes(name, cloud, []);
    ledger.settleScopes(name, [], 'bills');
  } catch (thrown) {
    log.error('end of bills not recorded', { source: name, message: String(thrown) });
  }
}

function isWithin(scope: string, wider: string): boolean {
  return scope === wider || scope.startsWith(`${wider}/`);
}
