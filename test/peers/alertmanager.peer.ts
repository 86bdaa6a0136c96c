import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { fingerprintOf } from '../../agent/alerts/fingerprint.ts';
import type { Alert, AlertMessage } from '../../agent/core/alert.ts';
import { hourMs } from '../../agent/core/time.ts';
import { createNotifier } from '../../exporters/webhook/index.ts';
import type { NotifierSettings } from '../../exporters/webhook/settings.ts';
import { alertSample, messageSample } from '../support/alert-samples.ts';
import { ensureDebianPackage, startPeer } from '../support/peers.ts';
import type { Peer } from '../support/peers.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';

let peer: Peer | undefined;
let url: string;
let theirs: ScriptedServer;
let ours: ScriptedServer;
let arrived: () => void = () => undefined;
const storage = mkdtempSync(join(tmpdir(), 'crossbill-alertmanager-'));

beforeAll(async () => {
  theirs = await startScriptedServer([
    () => {
      setImmediate(() => arrived());
      return {};
    },
  ]);
  ours = await startScriptedServer([() => ({})]);
  const folder = await ensureDebianPackage('alertmanager', 'prometheus-alertmanager=0.25.0-1*');
  const config = join(storage, 'alertmanager.yml');
  writeFileSync(
    config,
    JSON.stringify({
      route: {
        receiver: 'finops',
        group_by: ['alertname'],
        group_wait: '200ms',
        group_interval: '1s',
        repeat_interval: '4h',
      },
      receivers: [{ name: 'finops', webhook_configs: [{ url: theirs.url, send_resolved: true }] }],
    }),
  );
  peer = startPeer(
    'alertmanager',
    'unshare',
    [
      ...withItsShare(folder),
      join(folder, 'usr', 'bin', 'prometheus-alertmanager'),
      `--config.file=${config}`,
      `--storage.path=${storage}`,
      '--web.listen-address=127.0.0.1:0',
      '--cluster.listen-address=',
    ],
    folder,
  );
  url = `http://${await peer.said(/msg="Listening on" address=(\S+)/)}`;
}, 300_000);

/** Debian's build looks for its templates in /usr/share, which it sees as the package has it, in a mount namespace of its own. */
function withItsShare(folder: string): readonly string[] {
  const script = 'mount --bind "$1" /usr/share && shift && exec "$@"';
  return ['--map-root-user', '--mount', 'sh', '-c', script, 'sh', join(folder, 'usr', 'share')];
}

afterAll(async () => {
  await peer?.stop();
  await Promise.all([theirs.close(), ours.close()]);
  rmSync(storage, { recursive: true, force: true });
});

const labels = z.record(z.string(), z.string());
const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
/** As a receiver written for Alertmanager reads a webhook. */
const webhook = z.object({
  version: z.literal('4'),
  receiver: z.string(),
  status: z.enum(['firing', 'resolved']),
  groupKey: z.string(),
  truncatedAlerts: z.number(),
  groupLabels: labels,
  commonLabels: labels,
  commonAnnotations: labels,
  externalURL: z.string(),
  alerts: z.array(
    z.object({
      status: z.enum(['firing', 'resolved']),
      labels,
      annotations: labels,
      startsAt: instant,
      endsAt: instant,
      generatorURL: z.string(),
      fingerprint: z.string(),
    }),
  ),
});

type Webhook = z.output<typeof webhook>;

/** What has to be alike, in an order of its own. */
function alike({ groupKey: _key, externalURL: _url, alerts, ...body }: Webhook) {
  return {
    ...body,
    alerts: alerts.toSorted((a, b) => a.fingerprint.localeCompare(b.fingerprint)),
  };
}

async function sendBy(settings: NotifierSettings, message: AlertMessage): Promise<void> {
  const notifier = createNotifier(settings, { version: '1.2.3', publicUrl: null, env: {} });
  const { signal } = new AbortController();
  const outcome = await notifier.send(message, Date.now(), signal);
  await notifier.close();
  expect(outcome).toMatchObject({ result: 'delivered', status: 200 });
}

/** The next webhook of the peer that is about so many alerts. */
async function nextOfTheirs(count: number, status: string): Promise<Webhook> {
  for (;;) {
    const next = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    for (const { body } of theirs.requests) {
      const read = webhook.parse(JSON.parse(body));
      if (read.alerts.length === count && read.status === status) return read;
    }
    await next;
  }
}

const said = (text: string) => ({ reveal: () => text });

test('alerts are taken, grouped and resolved, and its webhook and ours read alike down to the fingerprint', async () => {
  const start = Date.now() - hourMs;
  const alertOf = (team: string): Alert => {
    const its = { alertname: 'search-monthly', severity: 'page', team };
    return alertSample({
      labels: its,
      fingerprint: fingerprintOf(its),
      activeAt: start,
      firedAt: start,
      period: { start, end: start + 48 * hourMs },
    });
  };
  const firing = messageSample({ at: Date.now(), alerts: [alertOf('chat'), alertOf('suche')] });
  const hook: NotifierSettings = { name: 'finops', type: 'webhook', url: said(ours.url) };
  const sink: NotifierSettings = { name: 'am', type: 'alertmanager', url: said(url) };

  await sendBy(sink, firing);
  await sendBy(hook, firing);
  const active = z.array(z.object({ labels, status: z.object({ state: z.string() }) }));
  const listed = active.parse(await (await fetch(`${url}/api/v2/alerts`)).json());
  expect(new Set(listed.map((one) => one.labels['team']))).toEqual(new Set(['chat', 'suche']));
  const fired = webhook.parse(JSON.parse(ours.requests[0]?.body ?? ''));
  expect(alike(await nextOfTheirs(2, 'firing'))).toEqual(alike(fired));

  const endedAt = Date.now();
  const over = firing.alerts.map((alert): Alert => ({ ...alert, state: 'resolved', endedAt }));
  const resolved = messageSample({ type: 'alert.resolved', at: endedAt, alerts: over });
  await sendBy(sink, resolved);
  await sendBy(hook, resolved);
  const ended = webhook.parse(JSON.parse(ours.requests[1]?.body ?? ''));
  const read = alike(await nextOfTheirs(2, 'resolved'));
  expect(read).toEqual(alike(ended));
  expect(active.parse(await (await fetch(`${url}/api/v2/alerts`)).json())).toEqual([]);
});
