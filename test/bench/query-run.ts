import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { tuneV8, v8Memory } from '../../agent/cli/v8.ts';
import { minuteMs } from '../../agent/core/time.ts';
import { boardAsks } from './query-asks.ts';
import { openAgent } from './query-agent.ts';
import { ingest, targetCount, worldEnd } from './query-world.ts';

/**
 * The agent's side of the query benchmark, a process of its own. `warm`: every question, so many rounds, its clock a minute
 * further each. `serve`: listens, and reads the next minutes in all the while.
 */
const [, , mode = 'warm', file = '', argument = '1'] = process.argv;
// As the agent does when it listens, and at the first question.
tuneV8(false);
const agent = openAgent(file);
const began = performance.now();
await agent.runLoopsOnce();
const loopsMs = performance.now() - began;
v8Memory.makeRoom(true);

async function took(path: string): Promise<{ ms: number; cpuMs: number }> {
  const cpu = process.cpuUsage();
  const from = performance.now();
  const answer = await agent.api.request(`http://127.0.0.1${path}`);
  const text = await answer.text();
  const ms = performance.now() - from;
  const { user, system } = process.cpuUsage(cpu);
  if (answer.status !== 200) throw new Error(`${answer.status} at ${path}: ${text}`);
  return { ms, cpuMs: (user + system) / 1_000 };
}

function tell(told: unknown): void {
  process.stdout.write(`${JSON.stringify(told)}\n`);
}

if (mode === 'serve') await serve(Number(argument));
else {
  const asks = boardAsks();
  const all: { ms: number; cpuMs: number }[][] = asks.map(() => []);
  for (let round = 0; round < Number(argument); round += 1) {
    for (const [index, ask] of asks.entries()) {
      all[index]?.push(await took(await ask.path(worldEnd + agent.clock.ms)));
    }
    agent.clock.ms += minuteMs;
  }
  tell({ loopsMs, rssMb: process.memoryUsage().rss / 1e6, took: all });
}
agent.close();

/** Ends when its input does. A round of polls takes the 300 s of the cadence, so many times as fast. */
async function serve(speed: number): Promise<void> {
  const server = createServer((request, response) => {
    void getRequestListener((asked) => agent.api.fetch(asked))(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  tell({ port: (server.address() as AddressInfo).port });
  const over = new AbortController();
  process.stdin.once('end', () => over.abort());
  process.stdin.resume();
  let end = worldEnd;
  let polls = 0;
  for (let turn = 0; !over.signal.aborted; turn += 1) {
    if (turn % targetCount === 0) end += 5 * minuteMs;
    ingest(agent.ledger, turn, { start: end - 30 * minuteMs, end });
    polls += 1;
    await setTimeout(300_000 / targetCount / speed);
  }
  tell({
    polls,
    p99Ms: delay.percentile(99) / 1e6,
    maxMs: delay.max / 1e6,
    rssMb: process.memoryUsage().rss / 1e6,
  });
  server.closeAllConnections();
  server.close();
}
