import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Temporality } from '../../exporters/otlp/page-points.ts';
import { dayMs } from '../../agent/core/time.ts';
import { createInterpretation } from '../../agent/normalize/interpret.ts';
import { openLedger } from '../../exporters/sqlite/ledger.ts';
import { bundleProgram } from '../faults/bundle.ts';
import { dice } from '../faults/dice.ts';
import { batchOf, day0, targetOf } from '../support/ledger-world.ts';
import type { TrueSeries } from '../support/ledger-world.ts';
import type { TellingOrders } from './telling-agent.ts';

/** The day that is told. */
export const day = { start: day0, end: day0 + dayMs };

const minutes = 1_440;
const models = [
  'openai.gpt-5.6-sol',
  'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
  'amazon.nova-pro-v1:0',
];
const meters = ['in', 'read', 'write', 'out', 'req'];

/** `<metered model> <minute> <metric>` → tokens; what the ledger has, in OpenTelemetry's counting. */
export type Told = ReadonlyMap<string, number>;

export const tokenMetrics = [
  'input_tokens',
  'output_tokens',
  'cache_read.input_tokens',
  'cache_write.input_tokens',
] as const;

/** A ledger that holds a day of three models, a minute in five silent, and a program that tells it. */
export interface ToldDay {
  /** What the ledger answers, by minute. */
  truth(): Promise<Told>;
  /** Starts the telling; `said` resolves with the next line that begins so. */
  tell(endpoint: string, temporality: Temporality): Telling;
  close(): void;
}

export interface Telling {
  said(beginning: string): Promise<string>;
  /** As `kill -9` does. */
  kill(): Promise<void>;
}

export async function createToldDay(): Promise<ToldDay> {
  const folder = mkdtempSync(join(tmpdir(), 'crossbill-told-'));
  const program = await bundleProgram('telling-agent', folder, 'test/peers');
  const path = join(folder, 'ledger.db');
  const interpretation = createInterpretation(new Map(), {
    openaiInputIncludesCached: true,
    bedrockInvocations: 'accepted',
  });
  const ledger = openLedger(path, interpretation, day.end);
  const random = dice(20_261_110);
  const world: readonly TrueSeries[] = models.flatMap((ModelId) => {
    const busy = Array.from({ length: minutes }, () => (random() < 0.2 ? 0 : random()));
    return meters.map((rowId, at) => ({
      rowId,
      dimensions: { ModelId },
      values: busy.map((share) => Math.floor((share * 3_000_000) / (at * at * 7 + 1))),
    }));
  });
  const targets = [targetOf(world)];
  ledger.recordDiscovery('aws', { scopes: ['aws'], targets, inventory: [], failures: [] }, day0);
  ledger.commit(batchOf(world, day, 60, day.end + dayMs));
  ledger.close();

  const running = new Set<ChildProcess>();
  return {
    async truth() {
      const reader = openLedger(path, interpretation, day.end);
      const identities = await reader.identities();
      const told = new Map<string, number>();
      const rows = await reader.amounts({
        grain: 'minute',
        identityIds: identities.map(({ id }) => id),
        window: day,
        bucketMs: 60_000,
      });
      for (const row of rows) {
        const model = identities.find(({ id }) => id === row.identityId)?.vendorModel ?? '';
        const { input, cacheRead, cacheWrite, output, unsplitInput } = row;
        const all = (input ?? 0) + (cacheRead ?? 0) + (cacheWrite ?? 0) + (unsplitInput ?? 0);
        for (const [metric, tokens] of [
          ['input_tokens', all],
          ['output_tokens', output ?? 0],
          ['cache_read.input_tokens', cacheRead ?? 0],
          ['cache_write.input_tokens', cacheWrite ?? 0],
        ] as const) {
          if (tokens > 0)
            told.set(`${model} ${(row.bucket - day.start) / 60_000} ${metric}`, tokens);
        }
      }
      reader.close();
      return told;
    },
    tell(endpoint, temporality) {
      const orders: TellingOrders = {
        path,
        endpoint,
        temporality,
        since: day.start,
        pagePoints: 300,
      };
      const child = spawn(process.execPath, [program, JSON.stringify(orders)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      running.add(child);
      const ended = new Promise<void>((resolve) => void child.once('close', () => resolve()));
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      return {
        async said(beginning) {
          for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
            if (next.value.startsWith(beginning)) return next.value;
            if (next.value.startsWith('rejected')) throw new Error(next.value);
          }
          throw new Error(`the telling ended before it said ${beginning}`);
        },
        async kill() {
          child.kill('SIGKILL');
          await ended;
          running.delete(child);
        },
      };
    },
    close() {
      for (const child of running) child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A port that nobody listens on now, for what must come back on the same one. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
