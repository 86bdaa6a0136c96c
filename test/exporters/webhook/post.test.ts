import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server as HttpServer, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Server as TlsServer } from 'node:https';
import { connect } from 'node:net';
import type { LookupFunction } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { alertsNow as now, messageSample } from '../../support/alert-samples.ts';
import { channel, hook, never, receiver, said } from './channel-world.ts';

const message = messageSample();

test('what leaves is one POST of JSON, with the three headers less the signature where nothing signs', async () => {
  const { url, requests } = await receiver(() => ({ body: 'thanks' }));
  const outcome = await hook(`${url}/in?key=1`).send(message, now, never);
  expect(outcome).toEqual({
    result: 'delivered',
    status: 200,
    answer: 'thanks',
    retryAfterMs: null,
  });
  expect(requests).toMatchObject([
    {
      method: 'POST',
      url: '/in?key=1',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'crossbill/1.2.3',
        'webhook-id': 'msg_1',
        'webhook-timestamp': String(now / 1_000),
      },
    },
  ]);
  expect(Object.keys(requests[0]?.headers ?? {})).not.toContain('webhook-signature');
});

test.each([
  [200, 'delivered'],
  [204, 'delivered'],
  [301, 'retry'],
  [400, 'refused'],
  [401, 'refused'],
  [404, 'refused'],
  [408, 'retry'],
  [410, 'gone'],
  [429, 'retry'],
  [500, 'retry'],
  [502, 'retry'],
  [503, 'retry'],
  [504, 'retry'],
])('an answer of %i is %s', async (status, result) => {
  const { url } = await receiver(() => ({ status, body: status === 204 ? '' : 'because' }));
  expect(await hook(url).send(message, now, never)).toMatchObject({ result, status });
});

test('a redirect is told as such and leads nowhere', async () => {
  const elsewhere = await receiver(() => ({}));
  const { url } = await receiver(() => ({ status: 307, headers: { location: elsewhere.url } }));
  const { answer } = await hook(url).send(message, now, never);
  expect(answer).toMatch(/redirect \(307\), which is not followed/);
  expect(elsewhere.requests).toEqual([]);
});

test.each([
  ['120', 120_000],
  [new Date(now + 90_000).toUTCString(), 90_000],
  [new Date(now - 90_000).toUTCString(), 0],
  ['soon', null],
  ['-5', null],
])('Retry-After: %s is heard', async (text, retryAfterMs) => {
  const { url } = await receiver(() => ({ status: 429, headers: { 'retry-after': text } }));
  expect(await hook(url).send(message, now, never)).toMatchObject({
    result: 'retry',
    retryAfterMs,
  });
});

test.each([
  ['hangs', 'hang', /no answer within 200 ms/],
  ['breaks the connection', 'reset', /ECONNRESET|UND_ERR_SOCKET|closed/],
] as const)('a receiver that %s is tried again', async (_, reply, why) => {
  const { url } = await receiver(() => reply);
  const outcome = await hook(url, { timeoutMs: 200 }).send(message, now, never);
  expect(outcome).toMatchObject({ result: 'retry', status: null });
  expect(outcome.answer).toMatch(why);
});

test('nobody there is told by the origin alone: the path may be a secret', async () => {
  const gone = await receiver();
  await gone.close();
  const outcome = await hook(`${gone.url}/services/T000/B000/XXXXXXXX`).send(message, now, never);
  expect(outcome).toMatchObject({ result: 'retry', status: null });
  expect(outcome.answer).toMatch(/^http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/);
  expect(outcome.answer).not.toMatch(/T000|XXXX/);
});

/** Where the server listens; it is closed when the test ends. */
async function listening(server: HttpServer | TlsServer, scheme = 'http'): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return `${scheme}://127.0.0.1:${address.port}`;
}

/** A server that answers by hand. */
function byHand(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    answer(response);
  });
  return listening(server);
}

test('of an answer without end the first bytes are read and the line is cut', async () => {
  let written = 0;
  let cut = (): void => undefined;
  const wasCut = new Promise<void>((resolve) => {
    cut = resolve;
  });
  const url = await byHand((response) => {
    response.on('close', cut);
    const more = (): void => {
      written += 65_536;
      if (!response.destroyed) response.write('x'.repeat(65_536), more);
    };
    more();
  });
  const outcome = await hook(url).send(message, now, never);
  await wasCut;
  expect(outcome).toMatchObject({ result: 'delivered', answer: 'x'.repeat(500) });
  expect(written).toBeLessThan(50_000_000);
});

test('an answer that drips is delivered when its status says so, at the end of the time it has', async () => {
  const url = await byHand((response) => {
    response.writeHead(202).write('so far');
  });
  const outcome = await hook(url, { timeoutMs: 300 }).send(message, now, never);
  expect(outcome).toMatchObject({ result: 'delivered', status: 202, answer: 'so far' });
});

test('no secret is in what is told of an answer, even where the other side repeats it', async () => {
  const { url } = await receiver(({ url: path, body }) => ({
    status: 400,
    body: `bad ${path} with s3cret-value and ${body.length}`,
  }));
  const { answer } = await channel({
    name: 'finops',
    type: 'webhook',
    url: said(`${url}/services/T000/B000/XXXXXXXXXX?token=abcdefgh`),
    secret: said('s3cret-value'),
  }).send(message, now, never);
  expect(answer).toMatch(/^bad /);
  expect(answer).not.toMatch(/s3cret|XXXX|abcdefgh|T000/);
});

test('no connection is kept for a message that may come hours later', async () => {
  let connections = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.end());
  }).on('connection', () => {
    connections += 1;
  });
  const notifier = hook(await listening(server));
  await notifier.send(message, now, never);
  await notifier.send(message, now, never);
  expect(connections).toBe(2);
});

test('what would steer a terminal is taken out of an answer', async () => {
  const { url } = await receiver(() => ({ status: 500, body: 'a\u001b[2Jb\r\nc\u202ed' }));
  const { answer } = await hook(url).send(message, now, never);
  expect(answer).toBe('a [2Jb c d');
});

test.each([
  'http://169.254.169.254/latest/meta-data',
  'http://[fe80::1]/',
  'http://[fd00:ec2::254]/latest',
  'http://[::ffff:169.254.169.254]/',
  'http://2852039166/',
  'http://0xa9fea9fe/',
  'http://100.100.100.200/',
  'http://168.63.129.16/',
  'http://metadata.google.internal/computeMetadata/v1',
  'http://METADATA.google.internal./',
])('%s is where no message goes', async (url) => {
  expect(await hook(url).send(message, now, never)).toMatchObject({
    result: 'refused',
    status: null,
    answer: expect.stringMatching(/metadata service or link-local/),
  });
});

/** Resolves every name to these addresses. */
function resolvesTo(...addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  return (_hostname, { all }, done) => {
    if (all === true) done(null, found);
    else done(null, found[0]?.address ?? '', found[0]?.family ?? 4);
  };
}

test('a name that resolves to a metadata service, among others even, is refused before anything is sent', async () => {
  const lookup = resolvesTo('127.0.0.1', '169.254.169.254');
  const { url, requests } = await receiver(() => ({}));
  const outcome = await hook(url.replace('127.0.0.1', 'rebound.example.com'), { lookup }).send(
    message,
    now,
    never,
  );
  expect(outcome).toMatchObject({ result: 'refused', answer: expect.stringMatching(/metadata/) });
  expect(requests).toEqual([]);
});

test('the connection goes to the address that was looked at, and a name is resolved once for it', async () => {
  const { url, requests } = await receiver(() => ({}));
  let asked = 0;
  const first = resolvesTo('127.0.0.1');
  const second = resolvesTo('169.254.169.254');
  const lookup: LookupFunction = (...args) => {
    asked += 1;
    return asked === 1 ? first(...args) : second(...args);
  };
  const named = hook(url.replace('127.0.0.1', 'sidecar.example.com'), { lookup });
  expect(await named.send(message, now, never)).toMatchObject({ result: 'delivered' });
  expect(requests).toHaveLength(1);
  expect(await named.send(message, now, never)).toMatchObject({ result: 'refused' });
  expect(requests).toHaveLength(1);
});

test('a proxy carries what is not of this machine, and NO_PROXY what it names', async () => {
  const target = await receiver(() => ({ body: 'through' }));
  const port = new URL(target.url).port;
  const tunnels: string[] = [];
  const proxy = createServer().on('connect', (request, socket) => {
    tunnels.push(request.url ?? '');
    const onward = connect(Number(port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
  });
  const address = await listening(proxy);
  const lookup = resolvesTo('127.0.0.1');
  const env = { HTTP_PROXY: address, no_proxy: 'direct.example.com' };
  const to = (host: string) =>
    hook(`http://${host}:${port}`, { env, lookup }).send(message, now, never);
  for (const host of ['far.example.com', 'direct.example.com', '127.0.0.1', 'localhost']) {
    expect(await to(host), host).toMatchObject({ result: 'delivered', answer: 'through' });
  }
  expect(tunnels).toEqual([`far.example.com:${port}`]);
});

test('a secret is read at each use, and one that cannot be had is told by name and tried again', async () => {
  const { url, requests } = await receiver(() => ({}));
  let path: string | undefined = '/one';
  const rotating = channel({
    name: 'chat',
    type: 'slack',
    url: {
      reveal() {
        if (path === undefined) throw new Error('file /run/secrets/hook cannot be read');
        return `${url}${path}`;
      },
    },
  });
  await rotating.send(message, now, never);
  path = '/two';
  await rotating.send(message, now, never);
  path = undefined;
  expect(await rotating.send(message, now, never)).toMatchObject({
    result: 'retry',
    answer: 'not sent: file /run/secrets/hook cannot be read',
  });
  expect(requests.map((request) => request.url)).toEqual(['/one', '/two']);
});

test('a certificate that nobody vouches for is refused, and nothing is sent to who shows it', async () => {
  const pem = readFileSync(new URL('../../fixtures/tls/self-signed.pem', import.meta.url));
  let requests = 0;
  const server = createTlsServer({ key: pem, cert: pem }, (_request, response) => {
    requests += 1;
    response.end();
  });
  const outcome = await hook(await listening(server, 'https')).send(message, now, never);
  expect(outcome).toMatchObject({ result: 'retry', status: null });
  expect(outcome.answer).toMatch(/DEPTH_ZERO_SELF_SIGNED_CERT/);
  expect(requests).toBe(0);
});
