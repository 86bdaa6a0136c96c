import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../../../collectors/emulator/main.ts', import.meta.url));

function emulator(...flags: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, ['--import', 'tsx', main, ...flags]);
}

async function firstLine(child: ChildProcessWithoutNullStreams): Promise<Record<string, string>> {
  for await (const line of createInterface({ input: child.stdout })) {
    return JSON.parse(line) as Record<string, string>;
  }
  throw new Error('The process ended without a line.');
}

describe('the process', () => {
  it.each<[string, (child: ChildProcessWithoutNullStreams) => void]>([
    ['its stdin closes, for its parent is gone', (child) => child.stdin.end()],
    ['it is told to stop', (child) => child.kill('SIGTERM')],
  ])('prints its addresses, serves at its own pace, and ends when %s', async (_name, stop) => {
    const startAt = Date.now() - 60_000;
    const child = emulator('--speed', '1000', '--start-at', String(startAt));
    const exit = once(child, 'exit');
    const urls = await firstLine(child);
    expect(Object.keys(urls).toSorted()).toEqual(['awsUrl', 'azureUrl', 'controlUrl']);
    const clock = (await (await fetch(`${urls['controlUrl']}/clock`)).json()) as { now: string };
    expect(Date.parse(clock.now)).toBeGreaterThan(startAt + 60_000_000);
    stop(child);
    expect(await exit).toEqual([0, null]);
  });

  it('says what is wrong with its flags and how they go', async () => {
    const child = emulator('--speed', 'fast');
    const exit = once(child, 'exit');
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
    });
    await once(child.stderr, 'close');
    expect(await exit).toEqual([2, null]);
    expect(said).toMatch(/--speed must be .*\nUsage: emulator/);
  });
});
