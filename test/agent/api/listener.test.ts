import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { listen } from '../../../agent/api/listener.ts';
import type { Listener, Patience } from '../../../agent/api/listener.ts';

/** A listener whose `/slow` answers when told to; everything else at once. */
async function slowListener(patience: Partial<Patience>) {
  let answer: () => void = () => undefined;
  let arrived: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (answer = resolve));
  const reached = new Promise<void>((resolve) => (arrived = resolve));
  const fetch = async (request: Request) => {
    if (new URL(request.url).pathname !== '/slow') return new Response('quick');
    arrived();
    await released;
    return new Response('done');
  };
  const listener = await listen(fetch, { host: '127.0.0.1', port: 0 }, undefined, patience);
  onTestFinished(() => listener.close());
  return { ...listener, answer, reached };
}

/** One connection that stays open: what it heard, and whether it still stands. */
function client({ url }: Listener) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let heard = '';
  socket.setEncoding('utf8');
  socket.on('data', (data) => (heard += data));
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  return {
    ask: (path: string) => void socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`),
    answered: () => once(socket, 'data'),
    closed: once(socket, 'close'),
    heard: () => heard,
  };
}

it('lets what is in flight end when it closes, and takes nothing new', async () => {
  const server = await slowListener({ drainMs: 20_000 });
  const one = client(server);
  const idle = client(server);
  idle.ask('/quick');
  await idle.answered();
  one.ask('/slow');
  await server.reached;
  const closed = server.close();
  await idle.closed;
  await expect(fetch(server.url)).rejects.toThrow('fetch failed');
  expect(one.heard()).toBe('');
  server.answer();
  await closed;
  await one.closed;
  expect(one.heard()).toMatch(/^HTTP\/1\.1 200[^]*connection: close[^]*done/i);
});

it('cuts off what takes longer than it waits', async () => {
  const server = await slowListener({ drainMs: 50 });
  const one = client(server);
  one.ask('/slow');
  await server.reached;
  await server.close();
  await one.closed;
  expect(one.heard()).toBe('');
  server.answer();
});

it('closes once, however often it is told to', async () => {
  const server = await slowListener({});
  const both = [server.close(), server.close()];
  await Promise.all(both);
  await expect(server.close()).resolves.toBeUndefined();
});

it('keeps a connection for the next request, and tells so', async () => {
  const server = await slowListener({ drainMs: 50 });
  const one = client(server);
  for (const _ of [1, 2]) {
    one.ask('/quick');
    await one.answered();
  }
  expect(one.heard().match(/quick/g)).toHaveLength(2);
  expect(one.heard()).toMatch(/keep-alive: timeout=75/i);
});

it('rejects with what Node says where another listens', async () => {
  const server = await slowListener({});
  const { port } = new URL(server.url);
  const again = listen(() => new Response(), { host: '127.0.0.1', port: Number(port) });
  await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
