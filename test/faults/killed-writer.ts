import { writeSync } from 'node:fs';
import { silentLog } from '../../agent/core/log.ts';
import type { Collector, Target } from '../../agent/core/collector.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import { minuteMs } from '../../agent/core/time.ts';
import { split } from '../../agent/core/window.ts';
import { noTracer } from '../../agent/core/tracer.ts';
import { createInterpretation } from '../../agent/normalize/interpret.ts';
import { normalize } from '../../agent/normalize/normalize.ts';
import { collectWindow } from '../../agent/schedule/collect.ts';
import type { CollectDeps } from '../../agent/schedule/collect.ts';
import { dueWithin } from '../../agent/schedule/due.ts';
import type { DueWindow } from '../../agent/schedule/due.ts';
import { createSlots } from '../../agent/schedule/slots.ts';
import { openLedger } from '../../exporters/sqlite/ledger.ts';
import { dice } from './dice.ts';

/**
 * A program that fills a ledger in pieces until it is killed. It says one letter after each thing that is on disk:
 * `o` opened, `d` discovered, `c` one window committed, `e` nothing left to do.
 */
export interface WriterOrders {
  readonly path: string;
  readonly now: Instant;
  readonly span: Window;
  readonly awsUrl: string;
  readonly azureUrl: string;
  readonly seed: number;
  /** `rest`: what is due and then end. `endless`: that, now and then what was read before, and never end. */
  readonly mode: 'rest' | 'endless';
}

const orders: WriterOrders = JSON.parse(process.argv[2] ?? '{}');
const { path, now, span, mode } = orders;
const random = dice(orders.seed);
const say = (letter: string) => void writeSync(1, letter);

const clock = { now: () => now, sleep: () => Promise.resolve() };
const interpretation = createInterpretation(new Map(), {
  openaiInputIncludesCached: true,
  bedrockInvocations: 'accepted',
});
const ledger = openLedger(path, interpretation, now);
say('o');
const deps: CollectDeps = {
  clock,
  log: silentLog,
  tracer: noTracer,
  ledger,
  normalize,
  settings: {
    everySeconds: 300,
    discoverySeconds: 900,
    overlapSeconds: 1_800,
    backfillSeconds: 86_400,
    minuteRetentionSeconds: 15 * 86_400,
  },
  slots: createSlots(4),
  random,
};
const { signal } = new AbortController();

/** Pieces of the span that are due, of at most an hour each; in endless runs some that were read before. */
function piecesOf(target: Target): readonly DueWindow[] {
  const due = dueWithin(target, ledger.coverage(target.id), now, deps.settings, span);
  const pieces = due.flatMap((one) =>
    split(one.window, (20 + Math.floor(random() * 40)) * minuteMs).map((window) => ({
      ...one,
      window,
    })),
  );
  if (mode === 'rest') return pieces;
  const length = 30 * minuteMs;
  const start =
    span.start + Math.floor((random() * (span.end - span.start - length)) / minuteMs) * minuteMs;
  const again = { window: { start, end: start + length }, periodSeconds: 60, units: target.units };
  return [...pieces, again].toSorted((a, b) => b.window.end - a.window.end);
}

/** One SDK loads when its cloud's turn comes: most runs do not live long enough to need both. */
const clouds: readonly (() => Promise<Collector>)[] = [
  async () => {
    const { createAwsCollector } = await import('../../collectors/aws/index.ts');
    const credentials = () =>
      Promise.resolve({ accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'rehearsal' });
    const aws = { regions: ['us-east-1'], linkedAccounts: false, endpoint: orders.awsUrl };
    return createAwsCollector({ ...aws, name: 'aws', roles: [] }, { clock, credentials });
  },
  async () => {
    const { createAzureCollector } = await import('../../collectors/azure/index.ts');
    const credential = { kind: 'static_token', token: () => 'rehearsal' } as const;
    const azure = { name: 'azure', credential, endpoint: orders.azureUrl, timeoutMs: 30_000 };
    return createAzureCollector(azure, { now: () => now });
  },
];
if (random() < 0.5) await fill(clouds.toReversed());
else await fill(clouds);
ledger.close();
say('e');

async function fill(inTurn: typeof clouds): Promise<void> {
  for (const create of inTurn) {
    const collector = await create();
    const discovery = await collector.discover(signal);
    const targets = ledger.recordDiscovery(collector.name, discovery, now);
    say('d');
    for (const target of targets) {
      const pieces = piecesOf(target);
      for (const due of mode === 'rest' ? pieces : pieces.slice(0, 4)) {
        await collectWindow(deps, collector, target, due, signal);
        say('c');
      }
    }
    await collector.close();
  }
  if (mode === 'endless') await fill(inTurn);
}
