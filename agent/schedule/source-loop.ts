import { abortWith } from '../core/abort.ts';
import type { Collector, ScopeFailure, Target } from '../core/collector.ts';
import { ExternalError, toExternalError } from '../core/errors.ts';
import type { Instant } from '../core/time.ts';
import { isoUtc } from '../core/time.ts';
import { nextMidnight } from './api-meter.ts';
import { backoffMs } from '../core/backoff.ts';
import { createBreaker } from './breaker.ts';
import type { Breaker } from './breaker.ts';
import type { CollectDeps } from './collect.ts';
import { createGovernor } from './governor.ts';
import { runTarget } from './target-loop.ts';
import type { RecordedFailure, TargetState } from './target-loop.ts';

export interface SourceLoop {
  readonly name: string;
  /** Targets that have neither been read nor failed with a reason yet; undefined before the first listing. */
  waitingFor(): readonly string[] | undefined;
  /** Resolves when the signal has aborted and every target has stopped. */
  run(signal: AbortSignal): Promise<void>;
}

/** A failing read may ask for a new listing, not more often than this. */
const leastBetweenListingsMs = 60_000;

/** Lists the source's targets again and again and keeps each of them read on its own. */
export function createSourceLoop(deps: CollectDeps, collector: Collector): SourceLoop {
  const running = new Map<
    string,
    { readonly state: TargetState; readonly stop: AbortController }
  >();
  /** Of every target that has not ended yet, those included that were dropped in the middle of a read. */
  const unfinished = new Set<Promise<void>>();
  const governor = createGovernor(deps, collector);
  const breakers = new Map<string, Breaker>();
  let listed = false;
  let listedAt = Number.NEGATIVE_INFINITY;
  /** The last listing asked not to be repeated before. */
  let notBefore = Number.NEGATIVE_INFINITY;
  /** Listings in a row of which a scope failed for a while. */
  let scopeFailures = 0;
  let nap = new AbortController();

  /** By region too: a region that an account has not enabled refuses credentials that are good elsewhere. */
  function breakerOf({ account, region }: Target): Breaker {
    const place = `${account}/${region}`;
    const breaker = breakers.get(place) ?? createBreaker();
    breakers.set(place, breaker);
    return breaker;
  }

  function follow(targets: readonly Target[], signal: AbortSignal): void {
    governor.listed(targets);
    const wanted = new Set(targets.map((target) => target.id));
    for (const [id, { stop }] of running) {
      if (wanted.has(id)) continue;
      stop.abort();
      running.delete(id);
    }
    for (const target of targets) {
      const known = running.get(target.id);
      if (known !== undefined) {
        known.state.target = target;
        continue;
      }
      const state: TargetState = {
        target,
        requestDiscovery: () => nap.abort(),
        settledOnce: target.units.length === 0,
      };
      const stop = new AbortController();
      const release = abortWith(signal, stop);
      const shared = { governor, breaker: breakerOf(target) };
      const done = runTarget(deps, collector, state, shared, stop.signal).finally(() => {
        release();
        unfinished.delete(done);
      });
      unfinished.add(done);
      running.set(target.id, { state, stop });
    }
  }

  /** Resolves to how long to wait before the next listing. */
  async function discover(signal: AbortSignal): Promise<number> {
    const discovery = await collector.discover(signal);
    const at = deps.clock.now();
    listedAt = at;
    const targets = deps.ledger.recordDiscovery(collector.name, discovery, at);
    deps.ledger.settleScopes(
      collector.name,
      discovery.failures.map((failure) => failure.scope),
    );
    const unlisted = new Map<string, RecordedFailure>();
    const wait = relistAfter(discovery.failures);
    notBefore = at + longestRetryAfter(discovery.failures);
    for (const { scope, error } of discovery.failures) {
      const nextTry = at + wait;
      const failure = { source: collector.name, scope, error, at, nextTry };
      deps.ledger.recordFailure(failure);
      unlisted.set(scope, failure);
      deps.log.warn('could not look at', { scope, reason: error.reason, hint: error.hint });
    }
    deps.log.info('targets listed', {
      source: collector.name,
      targets: targets.length,
      units: targets.reduce((sum, target) => sum + target.units.length, 0),
    });
    follow(targets, signal);
    for (const [id, { state }] of running) state.unlisted = unlisted.get(id);
    listed = true;
    return wait;
  }

  /**
   * A scope that may heal by itself is listed again sooner than all is anyway, later each time it fails again; none is
   * before it asked to be.
   */
  function relistAfter(failed: readonly ScopeFailure[]): number {
    const ordinary = deps.settings.discoverySeconds * 1_000;
    const passing = failed.filter(({ error }) => error.retryable);
    scopeFailures = passing.length === 0 ? 0 : scopeFailures + 1;
    const sooner = leastBetweenListingsMs * 2 ** Math.min(10, scopeFailures - 1);
    const wait = passing.length === 0 ? ordinary : Math.min(ordinary, sooner);
    return Math.max(wait, longestRetryAfter(failed));
  }

  /** Where the day has no money left for a listing, known targets are followed and the next day is waited for. */
  async function discoverIfAffordable(signal: AbortSignal): Promise<number> {
    const known = [...running.values()].map(({ state }) => state.target);
    const release = governor.reserve(collector.priceListing(known).costNanoUsd);
    if (release !== undefined) return discover(signal).finally(release);
    const at = deps.clock.now();
    const wait = nextMidnight(at) - at;
    deps.log.warn('not listed', { source: collector.name, slowed: governor.stopped() });
    if (!listed) follow(knownTargets(at, noMoneyLeft(governor.stopped(), wait)), signal);
    listed = true;
    return wait;
  }

  function knownTargets(at: Instant, error: ExternalError): readonly Target[] {
    const failures = [{ scope: collector.name, error }];
    const nothing = { scopes: [], targets: [], inventory: [], failures };
    return deps.ledger.recordDiscovery(collector.name, nothing, at);
  }

  /** What was known of the source goes on being read, though nothing of it could be listed now. */
  function keepKnown(
    error: ExternalError,
    at: Instant,
    nextTry: Instant,
    signal: AbortSignal,
  ): void {
    const scope = collector.name;
    try {
      deps.ledger.recordFailure({ source: collector.name, scope, error, at, nextTry });
      if (!listed) follow(knownTargets(at, error), signal);
    } catch (thrown) {
      deps.log.error('failure not recorded', { source: scope, message: String(thrown) });
    }
  }

  return {
    name: collector.name,
    waitingFor: () =>
      listed
        ? [...running.values()]
            .filter(({ state }) => !state.settledOnce)
            .map(({ state }) => state.target.id)
        : undefined,
    async run(signal) {
      let failures = 0;
      while (!signal.aborted) {
        let wait: number;
        try {
          wait = await discoverIfAffordable(signal);
          failures = 0;
        } catch (thrown) {
          if (signal.aborted) break;
          failures += 1;
          const error = toExternalError(thrown, 'discover');
          const at = deps.clock.now();
          wait = backoffMs(error, failures, deps.random());
          notBefore = at + (error.retryAfterMs ?? 0);
          keepKnown(error, at, at + wait, signal);
          deps.log.warn('source failed', {
            source: collector.name,
            reason: error.reason,
            message: error.message,
            hint: error.hint,
            nextTry: isoUtc(at + wait),
          });
          listed = true;
        }
        nap = new AbortController();
        const release = abortWith(signal, nap);
        await deps.clock.sleep(wait, nap.signal);
        release();
        const soonest = Math.max(listedAt + leastBetweenListingsMs, notBefore) - deps.clock.now();
        if (nap.signal.aborted && soonest > 0) await deps.clock.sleep(soonest, signal);
      }
      await Promise.all(unfinished);
    },
  };
}

function longestRetryAfter(failed: readonly ScopeFailure[]): number {
  return Math.max(0, ...failed.map(({ error }) => error.retryAfterMs ?? 0));
}

function noMoneyLeft(why: string, retryAfterMs: number): ExternalError {
  return new ExternalError(why, {
    reason: 'throttled',
    operation: 'discover',
    hint: 'Raise api_spend_limit or poll.every, or wait for midnight UTC.',
    retryAfterMs,
  });
}
