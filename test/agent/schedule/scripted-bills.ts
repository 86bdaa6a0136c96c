import { admitAll } from '../../../agent/core/api-call.ts';
import type { ApiMeter } from '../../../agent/core/api-call.ts';
import { billTarget } from '../../../agent/core/bill.ts';
import type {
  BillCollector,
  BillScope,
  BillScopes,
  BillStatement,
} from '../../../agent/core/bill.ts';
import { silentLog } from '../../../agent/core/log.ts';
import type { Ledger, TargetStatus } from '../../../agent/core/store.ts';
import { dayMs, floorTo, isoUtc } from '../../../agent/core/time.ts';
import type { Clock, Instant, Window } from '../../../agent/core/time.ts';
import { noTracer } from '../../../agent/core/tracer.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { createBillLoop } from '../../../agent/schedule/bill-loop.ts';
import type { BillLoopDeps } from '../../../agent/schedule/bill-scope-loop.ts';
import { openLedger } from '../../../exporters/sqlite/ledger.ts';
import { billLine, billScope } from '../../support/bill-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import type { FakeClock } from '../../support/fake-clock.ts';

export interface AskedBill {
  readonly scope: BillScope;
  readonly days: Window;
  readonly at: Instant;
}

/** A biller whose answers a test may change while it runs: a dollar a day, five days open. Every call costs a cent. */
export interface ScriptedBills {
  readonly collector: BillCollector;
  /** What the next listing says, or throws. */
  listing: () => BillScopes;
  /** Called before each answer: throws what it shall fail with. */
  beforeAnswer: (asked: AskedBill) => void;
  /** What becomes of an answer on its way. */
  change: (statement: BillStatement) => BillStatement;
  /** What a day costs. */
  cost: string;
  readonly listings: Instant[];
  readonly asked: AskedBill[];
}

export const cent = 10_000_000n;

function createScriptedBills(
  clock: Clock,
  scopes: readonly BillScope[],
  meter: ApiMeter = admitAll,
): ScriptedBills {
  const bills: ScriptedBills = {
    listing: () => ({ scopes, failures: [] }),
    beforeAnswer: () => undefined,
    change: (statement) => statement,
    cost: '1',
    listings: [],
    asked: [],
    collector: {
      name: 'prod-aws',
      cloud: 'aws',
      async scopes(signal) {
        bills.listings.push(clock.now());
        await clock.sleep(200, signal);
        signal.throwIfAborted();
        return bills.listing();
      },
      openFrom: (_scope, now) => floorTo(now, dayMs) - 5 * dayMs,
      price: () => ({ operation: 'ce:GetCostAndUsage', calls: 1, costNanoUsd: cent }),
      async fetch(scope, days, signal) {
        const call = {
          source: 'prod-aws',
          scope: billTarget(scope),
          operation: 'ce:GetCostAndUsage',
          bucket: 'aws',
          costNanoUsd: cent,
          metrics: 0,
          points: 0,
        };
        (await meter.admit(call, signal))();
        const asked = { scope, days, at: clock.now() };
        bills.asked.push(asked);
        await clock.sleep(200, signal);
        signal.throwIfAborted();
        bills.beforeAnswer(asked);
        const { account, source } = scope;
        const lines = Array.from({ length: (days.end - days.start) / dayMs }, (_, index) =>
          billLine({ day: days.start + index * dayMs, account, cost: bills.cost }),
        );
        return bills.change({
          source,
          cloud: 'aws',
          scope: scope.scope,
          days,
          lines,
          finalUntil: floorTo(clock.now(), dayMs) - 5 * dayMs,
          fetchedAt: clock.now(),
        });
      },
      probe: () => Promise.resolve([]),
      close: () => Promise.resolve(),
    },
  };
  return bills;
}

export interface RunningBills {
  readonly clock: FakeClock;
  readonly ledger: Ledger;
  readonly bills: ScriptedBills;
  /** `2 11-15..11-20`: account and days of each call, and forgets them. */
  told(): readonly string[];
  status(scope?: BillScope): Promise<TargetStatus | undefined>;
  /** Aborts and waits for the loop without moving the clock. */
  stop(): Promise<void>;
}

export interface BillsSetup {
  readonly scopes?: readonly BillScope[];
  readonly script?: (bills: ScriptedBills) => void;
  readonly meterOf?: (clock: FakeClock, ledger: Ledger) => ApiMeter;
  readonly deps?: Partial<BillLoopDeps>;
  /** Goes on with what an earlier run left. */
  readonly after?: Pick<RunningBills, 'clock' | 'ledger'>;
}

/** The loop over a real ledger in memory, five days of history behind five open ones, a die that shows the middle. */
export async function runBills(start: Instant, setup: BillsSetup = {}): Promise<RunningBills> {
  const clock = setup.after?.clock ?? createFakeClock(start);
  const interpretation = createInterpretation(new Map(), {
    openaiInputIncludesCached: true,
    bedrockInvocations: 'accepted',
  });
  const ledger = setup.after?.ledger ?? openLedger(':memory:', interpretation, start);
  const scopes = setup.scopes ?? [billScope()];
  const bills = createScriptedBills(clock, scopes, setup.meterOf?.(clock, ledger));
  setup.script?.(bills);
  const stop = new AbortController();
  const deps: BillLoopDeps = {
    clock,
    ledger,
    log: silentLog,
    tracer: noTracer,
    random: () => 0.5,
    horizonSeconds: 10 * 86_400,
    ...setup.deps,
  };
  const done = createBillLoop(deps, bills.collector).run(stop.signal);
  await clock.settle();
  return {
    clock,
    ledger,
    bills,
    told: () =>
      bills.asked.splice(0).map(({ scope, days }) => {
        const [from, to] = [days.start, days.end - dayMs].map((at) => isoUtc(at).slice(5, 10));
        return `${scope.account.slice(-1)} ${from}..${to}`;
      }),
    status: async (scope = billScope()) =>
      (await ledger.sources(clock.now())).find(({ target }) => target === billTarget(scope)),
    async stop() {
      stop.abort();
      await done;
      await clock.settle();
    },
  };
}
