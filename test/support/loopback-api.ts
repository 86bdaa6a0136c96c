import { connect } from 'node:net';
import { onTestFinished } from 'vitest';
import type { ApiDeps } from '../../agent/api/api.ts';
import type { GuardSettings } from '../../agent/api/gate.ts';
import { listen } from '../../agent/api/listener.ts';
import type { Listener, Patience } from '../../agent/api/listener.ts';
import { apiNow, apiWorld } from './api-world.ts';
import { createFakeClock } from './fake-clock.ts';
import type { FakeClock } from './fake-clock.ts';
import { recordedLog } from './recorded-log.ts';
import type { RecordedLog } from './recorded-log.ts';

/** The tokens of a guarded API: their secrets are long enough that none is in an answer or a log by chance. */
export const secrets = {
  scrape: 'sesame-scrape-5c1f0e',
  read: 'sesame-read-a83b21',
  write: 'sesame-write-77d9e4',
} as const;

export function tokenOf(scope: keyof typeof secrets): ApiDeps['tokens'][number] {
  return { name: `a ${scope} token`, token: { reveal: () => secrets[scope] }, scope, match: {} };
}

export interface GuardedWorld extends ReturnType<typeof apiWorld> {
  readonly clock: FakeClock;
  readonly log: RecordedLog;
}

/** A guarded API with a token of each scope and a page at `/`. */
export function guardedWorld(
  guard: Partial<GuardSettings> = {},
  deps: Parameters<typeof apiWorld>[0] = {},
): GuardedWorld {
  const clock = createFakeClock(apiNow);
  const log = recordedLog();
  const world = apiWorld({
    tokens: [tokenOf('scrape'), tokenOf('read'), tokenOf('write')],
    guard: {
      clock,
      log,
      session: { idleSeconds: 3_600, longestSeconds: 7_200 },
      isTls: false,
      ...guard,
    },
    pages: {
      open: { '/style.css': (c) => c.text('') },
      guarded: { '/': (c, { token, user }) => c.html(`<p>${user ?? token ?? 'anybody'}</p>`) },
    },
    metrics: { type: 'text/plain', render: async () => '' },
    ...deps,
  });
  return { ...world, clock, log };
}

/** What the API hears of the socket that a request came by. */
export function from(remoteAddress: string) {
  return { incoming: { socket: { remoteAddress } } };
}

/** The API on a loopback port, closed when the test ends. */
export async function listening(
  { api }: Pick<GuardedWorld, 'api'>,
  patience: Partial<Patience> = {},
): Promise<Listener & { readonly port: number }> {
  const listener = await listen(
    (request, env) => api.fetch(request, env),
    { host: '127.0.0.1', port: 0 },
    undefined,
    { drainMs: 100, ...patience },
  );
  onTestFinished(() => listener.close());
  return { ...listener, port: Number(new URL(listener.url).port) };
}

/** Sends bytes as they are; everything that comes back until the other side closes. */
export function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text, 'latin1'));
    socket.setEncoding('latin1');
    socket.on('data', (data) => (answer += data));
    socket.on('error', () => undefined);
    socket.once('close', () => resolve(answer));
  });
}
