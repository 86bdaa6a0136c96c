import { createRequire } from 'node:module';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createNotifier } from '../../exporters/webhook/index.ts';
import { messageSample } from '../support/alert-samples.ts';
import { ensureNpmPackages } from '../support/peers.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import type { ScriptedRequest } from '../support/scripted-server.ts';

/** What of the library is used here. */
interface Library {
  readonly Webhook: new (
    secret: string,
    options?: { readonly format: 'raw' },
  ) => { verify(body: string, headers: Readonly<Record<string, string>>): unknown };
}

let library: Library;

beforeAll(async () => {
  const folder = await ensureNpmPackages('standardwebhooks', ['standardwebhooks@1.1.1']);
  library = createRequire(join(folder, 'package.json'))('standardwebhooks');
}, 300_000);

/** The request as it arrives with these signing secrets. */
async function signedBy(secrets: string): Promise<ScriptedRequest> {
  const server = await startScriptedServer([() => ({})]);
  const notifier = createNotifier(
    {
      name: 'finops',
      type: 'webhook',
      url: { reveal: () => server.url },
      secret: { reveal: () => secrets },
    },
    { version: '1.2.3', publicUrl: null, env: {} },
  );
  await notifier.send(messageSample(), Date.now(), new AbortController().signal);
  await notifier.close();
  await server.close();
  const [request] = server.requests;
  if (request === undefined) throw new Error('nothing arrived');
  return request;
}

const former = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const coming = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';

test.each([
  ['one secret', former, [former]],
  ['two while they are rotated, to who knows either', `${former} ${coming}`, [former, coming]],
])('a message signed by %s is verified', async (_, secrets, known) => {
  const { body, headers } = await signedBy(secrets);
  for (const secret of known) {
    const read = z
      .object({ type: z.string() })
      .parse(new library.Webhook(secret).verify(body, headers));
    expect(read.type).toBe('alert.firing');
  }
});

test('a secret without whsec_ is the key itself', async () => {
  const { body, headers } = await signedBy('plain-secret');
  const reader = new library.Webhook('plain-secret', { format: 'raw' });
  expect(reader.verify(body, headers)).toMatchObject({ version: '4' });
});

test('a changed body, and a secret that is not ours, are refused', async () => {
  const { body, headers } = await signedBy(former);
  const reader = new library.Webhook(former);
  expect(() => reader.verify(body.replace('455', '45'), headers)).toThrow(/signature/i);
  expect(() => new library.Webhook(coming).verify(body, headers)).toThrow(/signature/i);
});
