import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listen } from '../../../agent/api/listener.ts';
import { guardOf } from '../../../agent/cli/guard-of.ts';
import { serve } from '../../../agent/cli/serve.ts';
import { parseConfig } from '../../../agent/config/load.ts';
import { silentLog } from '../../../agent/core/log.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const pem = (name: string) =>
  fileURLToPath(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url));
const answer = () => new Response('here');

function tempFile(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'crossbill-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, name);
}

/** The fingerprint of the certificate that a new connection is shown. */
function shownAt(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(url);
    const socket = connect({ port: Number(port), host: '127.0.0.1', rejectUnauthorized: false });
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
  });
}

function printOf(name: string): string {
  return new X509Certificate(readFileSync(pem(name))).fingerprint256;
}

describe('the listener', () => {
  it('speaks TLS with the pair of the configuration', async () => {
    const tls = { cert: pem('self-signed'), key: pem('self-signed') };
    const server = await serve(answer, { host: '127.0.0.1', port: 0, tls });
    onTestFinished(() => server.close());
    expect(server.url).toMatch(/^https:/);
    expect(await shownAt(server.url)).toBe(printOf('self-signed'));
  });

  it.each([
    [
      'a certificate that is not there',
      '/nowhere.pem',
      pem('self-signed'),
      /tls\.cert: \/nowhere\.pem cannot be read: there is no such file/,
    ],
    ['a key that is not there', pem('self-signed'), '/nowhere.pem', /tls\.key: \/nowhere\.pem/],
    [
      'the key of another',
      pem('self-signed'),
      pem('renewed'),
      /no PEM certificate with its PEM key/,
    ],
    [
      'no certificate at all',
      fileURLToPath(import.meta.url),
      pem('self-signed'),
      /no PEM certificate/,
    ],
  ])('says what is wrong with %s', async (_, cert, key, words) => {
    const address = { host: '127.0.0.1', port: 0, tls: { cert, key } };
    await expect(serve(answer, address)).rejects.toThrow(words);
  });

  it('says which key to change where another program listens', async () => {
    const first = await serve(answer, { host: '127.0.0.1', port: 0 });
    onTestFinished(() => first.close());
    const port = Number(new URL(first.url).port);
    await expect(serve(answer, { host: '127.0.0.1', port })).rejects.toThrow(/the key `listen`/);
  });

  it('takes a renewed certificate for new connections, and keeps the one before when it is broken', async () => {
    const path = tempFile('pair.pem');
    copyFileSync(pem('self-signed'), path);
    const failures: string[] = [];
    let fails: () => void = () => undefined;
    const failed = new Promise<void>((resolve) => (fails = resolve));
    const certificate = {
      read: () => ({ cert: readFileSync(path), key: readFileSync(path) }),
      onError: (error: unknown) => {
        failures.push(String(error));
        fails();
      },
      everyMs: 5,
    };
    const server = await listen(answer, { host: '127.0.0.1', port: 0 }, certificate);
    onTestFinished(() => server.close());
    expect(await shownAt(server.url)).toBe(printOf('self-signed'));
    copyFileSync(pem('renewed'), path);
    await expect.poll(() => shownAt(server.url)).toBe(printOf('renewed'));
    rmSync(path);
    await failed;
    expect(failures[0]).toContain('ENOENT');
    expect(await shownAt(server.url)).toBe(printOf('renewed'));
  });
});

describe('the guard of a configuration', () => {
  const guard = (text: string) => {
    const source = 'sources: [{ name: a, type: aws, regions: [us-east-1] }]';
    const { config } = parseConfig(`${source}\n${text}`, { file: '/crossbill.yaml', env: {} });
    return guardOf(config, createFakeClock(0), silentLog);
  };

  it.each([
    ['', false, { perSecond: 200, burst: 2_000 }],
    ['public_url: http://crossbill.example.com', false, { perSecond: 200, burst: 2_000 }],
    ['public_url: https://crossbill.example.com', true, { perSecond: 200, burst: 2_000 }],
    ['tls: { cert: a.pem, key: b.pem }', true, { perSecond: 200, burst: 2_000 }],
    ['request_limit: 30 per minute', false, { perSecond: 0.5, burst: 10 }],
    ['request_limit: none', false, undefined],
  ])('%j: people come by TLS: %s; limit: %j', (text, isTls, requests) => {
    const made = guard(text);
    expect(made.isTls).toBe(isTls);
    expect(made.requests).toEqual(requests);
  });

  it('has the sessions and the proxy that are written', () => {
    const made = guard(
      'auth: { proxy: { from: [10.0.0.0/8, 192.0.2.7], scope: read }, session: { idle: 15m } }',
    );
    expect(made.session).toEqual({ idleSeconds: 900, longestSeconds: 604_800 });
    expect(made.proxy).toEqual({
      header: 'X-Forwarded-User',
      from: ['10.0.0.0/8', '192.0.2.7/32'],
      scope: 'read',
      match: {},
    });
  });
});
