import { describe, expect, it } from 'vitest';
import { guardedWorld, listening, secrets, sendRaw } from '../../support/loopback-api.ts';
import type { GuardedWorld } from '../../support/loopback-api.ts';

const auth = `Authorization: Bearer ${secrets.write}`;
const quick = { headersMs: 150, requestMs: 300, lookMs: 20 };

function request(line: string, headers: readonly string[] = [], body = ''): string {
  const host = headers.some((header) => header.startsWith('Host:')) ? [] : ['Host: 127.0.0.1'];
  const all = [...host, 'Connection: close', ...headers];
  return `${line} HTTP/1.1\r\n${all.join('\r\n')}\r\n\r\n${body}`;
}

function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
}

async function expectUnharmed(world: GuardedWorld, port: number): Promise<void> {
  expect(statusOf(await sendRaw(port, request('GET /healthz')))).toBe(200);
  expect(JSON.stringify(world.log.lines)).not.toContain('sesame');
  expect(world.errors).toEqual([]);
}

describe('bytes that no client of good will sends', () => {
  it.each([
    ['two slashes', 'GET //api/v1/usage', [auth], [404]],
    ['two slashes and another host', 'GET //evil.example/api/v1/usage', [auth], [404]],
    ['a way up', 'GET /api/v1/../../etc/passwd', [auth], [404]],
    ['a way up, encoded', 'GET /api/v1/%2e%2e/%2e%2e/etc/passwd', [auth], [404]],
    ['a way up, encoded twice', 'GET /api/v1/%252e%252e/etc/passwd', [auth], [404]],
    ['a way up with backslashes', 'GET /api\\..\\..\\etc\\passwd', [auth], [400]],
    ['a slash, encoded', 'GET /api%2fv1%2fusage', [auth], [404]],
    ['a probe’s path on the way to another', 'GET /healthz/../api/v1/usage', [], [401]],
    ['a probe’s path with something after it', 'GET /healthz%00/api/v1/usage', [], [404]],
    ['a null byte', 'GET /api/v1/usage\0', [auth], [400]],
    ['a null byte, encoded', 'GET /api/v1/usage%00', [auth], [404]],
    ['half an encoding', 'GET /api/v1/deliveries/%E0%A4%A/retry', [auth], [405]],
    ['a very long path', `GET /${'a'.repeat(20_000)}`, [auth], [431]],
    ['a very long query', `GET /api/v1/usage?model=${'a'.repeat(20_000)}`, [auth], [431]],
    ['a very long header', 'GET /api/v1/usage', [auth, `X-A: ${'a'.repeat(20_000)}`], [431]],
    ['a whole address of another host', 'GET http://evil.example/api/v1/usage', [auth], [421, 200]],
    ['a method nobody knows', 'STEAL /api/v1/usage', [auth], [400]],
    ['a method that is not for this', 'PUT /api/v1/usage', [auth], [405]],
    ['TRACE, which would tell headers', 'TRACE /api/v1/usage', [auth], [405]],
    ['a Host with a path', 'GET /api/v1/usage', ['Host: 127.0.0.1/healthz?', auth], [400]],
    ['two Hosts', 'GET /api/v1/usage', ['Host: 127.0.0.1', 'Host: evil.example', auth], [400, 421]],
    ['no Host', 'GET /api/v1/usage', ['Host:', auth], [400, 421]],
    ['two lengths', 'POST /login', ['Content-Length: 1', 'Content-Length: 2'], [400]],
    [
      'a length and chunks, which two servers may read in two ways',
      'POST /login',
      ['Content-Length: 5', 'Transfer-Encoding: chunked'],
      [400],
    ],
    ['a header without a name', 'GET /healthz', [': x'], [400]],
    ['a header on two lines', 'GET /healthz', ['X-A: 1\n X-B: 2'], [400]],
  ] as const)('%s', async (_, line, headers, statuses) => {
    const world = guardedWorld();
    const { port } = await listening(world, quick);
    const answer = await sendRaw(port, request(line, headers));
    expect(statuses, answer.slice(0, 400)).toContain(statusOf(answer));
    expect(answer).not.toContain('sesame');
    await expectUnharmed(world, port);
  });

  it.each([
    ['next of the login', 'GET /login?next=%2F%0D%0ASet-Cookie:%20stolen=1'],
    ['next of the login, from another site', 'GET /login?next=/a%0d%0aSet-Cookie:%20stolen=1'],
    ['the page on the way to the login', 'GET /?a=%0d%0aSet-Cookie:%20stolen=1'],
    ['a step', 'GET /api/v1/usage?step=1h%0D%0ASet-Cookie:%20stolen=1'],
    ['an unknown path', 'GET /%0D%0ASet-Cookie:%20stolen=1'],
  ])('a line end in %s comes back in no header', async (_, line) => {
    const world = guardedWorld();
    const { port } = await listening(world);
    const said = [auth, 'Accept: text/html', 'Sec-Fetch-Site: cross-site'];
    for (const headers of [said, said.slice(1)]) {
      const [head = ''] = (await sendRaw(port, request(line, headers))).split('\r\n\r\n');
      expect(statusOf(head)).toBeGreaterThanOrEqual(200);
      expect(head).not.toMatch(/^set-cookie/im);
    }
    await expectUnharmed(world, port);
  });
});

describe('a body', () => {
  const post = 'POST /api/v1/silences';
  const book = 'x'.repeat(70_000);

  it.each([
    ['that says it is too long', [`Content-Length: ${book.length}`], book],
    [
      'that does not say so, and is',
      ['Transfer-Encoding: chunked'],
      `${book.length.toString(16)}\r\n${book}\r\n0\r\n\r\n`,
    ],
    ['that says it is longer than anything', ['Content-Length: 99999999999'], 'x'],
  ])('%s is refused, and not read', async (_, headers, body) => {
    const world = guardedWorld();
    const { port } = await listening(world, quick);
    const answer = await sendRaw(port, request(post, [auth, ...headers], body));
    expect(statusOf(answer)).toBe(413);
    await expectUnharmed(world, port);
  });

  it.each([
    ['of whoever may', [auth]],
    ['of a stranger', []],
  ])('that comes slowly ends its connection: %s', async (_, headers) => {
    const world = guardedWorld();
    const { port } = await listening(world, quick);
    const open = request(post, [...headers, 'Content-Length: 50'], '{"comm').replace(
      'close',
      'keep-alive',
    );
    const answer = await sendRaw(port, open);
    expect([401, 408]).toContain(statusOf(answer));
    await expectUnharmed(world, port);
  });

  it('that never ends after its head ends its connection as well', async () => {
    const world = guardedWorld();
    const { port } = await listening(world, quick);
    expect(statusOf(await sendRaw(port, 'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: '))).toBe(
      408,
    );
    await expectUnharmed(world, port);
  });
});
