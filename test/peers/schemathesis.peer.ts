import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { serve } from '@hono/node-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askedWorld } from '../support/asked-world.ts';
import type { AskedWorld } from '../support/asked-world.ts';
import { ensureVenv } from '../support/peers.ts';

const run = promisify(execFile);
const requirements = ['schemathesis==4.32.5'];

/** What an answer is held against: the statuses, types, headers and schemas of the document, and what it says of the question. */
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'positive_data_acceptance',
  'unsupported_method',
  'allow_header_conformance',
];

/** No schema says that a range begins before it ends, or that the answer is of at most ten thousand rows: that is a 422. */
const settings = `
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 401, 403, 404, 409, 422]
`;

const fitting = ['--phases', 'fuzzing', '--mode', 'positive', '--max-examples', '420'];
const figures = '/(usage|latency|capacity|caching|changes|explain|audit|summary|billed)$';

/**
 * At the edges of every schema, both sides of them, then what follows from answers, and questions at random: those that fit,
 * which are quickly made, many; the others few. Beside each other, for each keeps one core busy.
 */
const runs = [
  ['--phases', 'examples,coverage,fuzzing,stateful', '--mode', 'all', '--max-examples', '10'],
  [...fitting, '--include-path-regex', figures],
  [...fitting, '--exclude-path-regex', figures],
];
const fewestRequests = 10_000;

let python: string;
let folder: string;
let world: AskedWorld;
let server: ReturnType<typeof serve>;
let url: string;

beforeAll(async () => {
  ({ python } = await ensureVenv('schemathesis', requirements));
  folder = await mkdtemp(join(tmpdir(), 'schemathesis-'));
  await writeFile(join(folder, 'settings.toml'), settings);
  world = await askedWorld();
  url = await new Promise((resolve) => {
    const at = { fetch: world.api.fetch, hostname: '127.0.0.1', port: 0 };
    server = serve(at, ({ port }: AddressInfo) => resolve(`http://127.0.0.1:${port}`));
  });
}, 300_000);

afterAll(async () => {
  await new Promise((closed) => server.close(closed));
  world.ledger.close();
  await rm(folder, { recursive: true });
});

/** The requests that were made, all of them answered as the document says. Throws with what was not. */
async function requestsOf(asking: readonly string[]): Promise<number> {
  const argv = ['-m', 'schemathesis.cli', '--config-file', 'settings.toml', 'run'];
  const making = ['--seed', '1', '--no-shrink', '--generation-database', 'none'];
  // A busy machine is no failure.
  const telling = [
    '--no-color',
    '--warnings',
    'off',
    '--continue-on-failure',
    '--request-timeout',
    '60',
  ];
  const all = [...argv, `${url}/openapi.json`, ...asking, ...making, ...telling];
  const ended = await run(python, [...all, '--checks', checks.join(',')], {
    cwd: folder,
    maxBuffer: 64 * 1024 * 1024,
  }).catch((error: { readonly stdout?: string; readonly message: string }) => {
    throw new Error(error.stdout?.slice(0, 20_000) || error.message);
  });
  const [, generated, passed] = /(\d+) generated, (\d+) passed/.exec(ended.stdout) ?? [];
  expect(passed).toBe(generated);
  return Number(generated);
}

test('no question at random is answered otherwise than the document says', async () => {
  const started = performance.now();
  const counts = await Promise.all(runs.map(requestsOf));
  const requests = counts.reduce((sum, count) => sum + count, 0);
  const seconds = ((performance.now() - started) / 1_000).toFixed(0);
  process.stdout.write(`schemathesis: ${requests} requests in ${seconds} s, all as documented\n`);
  expect(world.errors).toEqual([]);
  expect(requests).toBeGreaterThanOrEqual(fewestRequests);
}, 1_200_000);
