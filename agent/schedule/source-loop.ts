import type { Collector, Target } from '../core/collector.ts';
import type { ExternalError } from '../core/errors.ts';
import { toExternalError } from '../core/errors.ts';
import type { Instant } from '../core/time.ts';
import { isoUtc } from '../core/time.ts';
import { backoffMs } from './backoff.ts';
import type { CollectDeps } from './collect.ts';
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
  let listed = false;
  let listedAt = Number.NEGATIVE_INFINITY;
  let nap = new AbortController();

  function follow(targets: readonly Target[], signal: AbortSignal): void {
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
      const until = AbortSignal.any([signal, stop.signal]);
      const done = runTarget(deps, collector, state, until).finally(() => unfinished.delete(done));
      unfinished.add(done);
      running.set(target.id, { state, stop });
    }
  }

  async function discover(signal: AbortSignal): Promise<void> {
    const discovery = await collector.discover(signal);
    const at = deps.clock.now();
    listedAt = at;
    const targets = deps.ledger.recordDiscovery(collector.name, discovery, at);
    deps.ledger.settleScopes(
      collector.name,
      discovery.failures.map((failure) => failure.scope),
    );
    const unlisted = new Map<string, RecordedFailure>();
    for (const { scope, error } of discovery.failures) {
      const nextTry = at + deps.settings.discoverySeconds * 1_000;
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
  }

  /** What was known of the source goes on being read, though nothing of it could be listed now. */
  function keepKnown(
    error: ExternalError,
    at: Instant,
    nextTry: Instant,
    signal: AbortSignal,
  ): void {
    const scope = collector.name;
    const nothing = { scopes: [], targets: [], inventory: [], failures: [{ scope, error }] };
    try {
      deps.ledger.recordFailure({ source: collector.name, scope, error, at, nextTry });
      if (!listed) follow(deps.ledger.recordDiscovery(collector.name, nothing, at), signal);
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
        let wait = deps.settings.discoverySeconds * 1_000;
        try {
          await discover(signal);
          failures = 0;
        } catch (thrown) {
          if (signal.aborted) break;
          failures += 1;
          const error = toExternalError(thrown, 'discover');
          const at = deps.clock.now();
          wait = backoffMs(error, failures, deps.random());
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
        await deps.clock.sleep(wait, AbortSignal.any([signal, nap.signal]));
        const soonest = listedAt + leastBetweenListingsMs - deps.clock.now();
        if (nap.signal.aborted && soonest > 0) await deps.clock.sleep(soonest, signal);
      }
      await Promise.all(unfinished);
    },
  };
}
