import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { BuiltInClouds } from './platform.ts';

/** The built-in clouds as a process of its own; it ends when this one does. */
export async function startClouds({
  speed,
  since,
}: {
  readonly speed: number;
  readonly since: number;
}): Promise<BuiltInClouds> {
  const script = fileURLToPath(new URL('./emulator.js', import.meta.url));
  const argv = [script, '--speed', String(speed), '--start-at', String(since)];
  // In a group of its own, or a Ctrl-C would end the clouds before the agent has stopped asking them.
  const child = spawn(process.execPath, argv, {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const stopped = new Promise<void>((done) => child.once('exit', () => done()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`the built-in clouds ended with status ${code}`)),
    );
    createInterface({ input: child.stdout }).once('line', (line) => {
      const urls: Omit<BuiltInClouds, 'stop'> = JSON.parse(line);
      resolve({
        ...urls,
        stop() {
          child.stdin.end();
          child.kill('SIGTERM');
          return stopped;
        },
      });
    });
  });
}
