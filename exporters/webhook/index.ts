import type { LookupFunction } from 'node:net';
import type { Notifier } from '../../agent/core/alert.ts';
import { alertmanagerChannel } from './alertmanager.ts';
import type { Channel } from './channel.ts';
import { unanswered } from './outcome.ts';
import { pagerdutyChannel } from './pagerduty.ts';
import { createPoster } from './post.ts';
import type { NotifierDeps, NotifierSettings } from './settings.ts';
import { slackChannel } from './slack.ts';
import { teamsChannel } from './teams.ts';
import { webhookChannel } from './webhook.ts';

export interface NotifierOptions {
  readonly version: string;
  readonly publicUrl: string | null;
  /** Proxies are read from it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs?: number;
  readonly lookup?: LookupFunction;
}

/** A way by which messages reach people; nothing is resolved, read or connected before the first message. */
export function createNotifier(settings: NotifierSettings, options: NotifierOptions): Notifier {
  const { post, close } = createPoster(options);
  const { version, publicUrl } = options;
  const channel = channelOf(settings, { version, publicUrl, post });
  return {
    name: settings.name,
    type: settings.type,
    async send(message, at, signal) {
      try {
        return await channel.send(message, at, signal);
      } catch (error) {
        // A secret that cannot be had: its variable or file is named, and may be there at the next attempt.
        return unanswered(`not sent: ${error instanceof Error ? error.message : 'unknown reason'}`);
      }
    },
    close,
  };
}

/** Every channel; the one place to add one. */
function channelOf(settings: NotifierSettings, deps: NotifierDeps): Channel {
  if (settings.type === 'webhook') return webhookChannel(settings, deps);
  if (settings.type === 'slack') return slackChannel(settings, deps);
  if (settings.type === 'teams') return teamsChannel(settings, deps);
  if (settings.type === 'pagerduty') return pagerdutyChannel(settings, deps);
  return alertmanagerChannel(settings, deps);
}
