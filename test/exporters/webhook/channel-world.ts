import { onTestFinished } from 'vitest';
import type { Notifier } from '../../../agent/core/alert.ts';
import { createNotifier } from '../../../exporters/webhook/index.ts';
import type { NotifierOptions } from '../../../exporters/webhook/index.ts';
import type { NotifierSettings } from '../../../exporters/webhook/settings.ts';
import { startScriptedServer } from '../../support/scripted-server.ts';
import type { ScriptedHandler, ScriptedServer } from '../../support/scripted-server.ts';

/** A receiver on loopback, gone when the test ends. */
export async function receiver(...handlers: readonly ScriptedHandler[]): Promise<ScriptedServer> {
  const server = await startScriptedServer(handlers);
  onTestFinished(() => server.close());
  return server;
}

export const said = (text: string) => ({ reveal: () => text });

/** A channel that is closed when the test ends; no proxies but those given. */
export function channel(
  settings: NotifierSettings,
  options: Partial<NotifierOptions> = {},
): Notifier {
  const notifier = createNotifier(settings, {
    version: '1.2.3',
    publicUrl: 'https://crossbill.example.com',
    env: {},
    ...options,
  });
  onTestFinished(() => notifier.close());
  return notifier;
}

/** A generic webhook at this address. */
export function hook(url: string, options: Partial<NotifierOptions> = {}): Notifier {
  return channel({ name: 'finops', type: 'webhook', url: said(url) }, options);
}

export const never = new AbortController().signal;
