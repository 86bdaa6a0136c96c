import type { AlertMessage } from '../../agent/core/alert.ts';
import type { Channel } from './channel.ts';
import { fitting } from './fit.ts';
import type { Addressed, NotifierDeps } from './settings.ts';
import { clipped, textOf, titleOf } from './text.ts';
import type { AlertText } from './text.ts';

/**
 * A Workflows webhook of Microsoft Teams:
 * https://learn.microsoft.com/en-us/connectors/teams/?tabs=text1#microsoft-teams-webhook
 */
export function teamsChannel(settings: Addressed<'teams'>, { post }: NotifierDeps): Channel {
  return {
    send: (message, at, signal) =>
      post({ url: settings.url.reveal(), body: teamsBody(message), secrets: [] }, at, signal),
  };
}

/** Teams takes 28 KB: https://learn.microsoft.com/en-us/microsoftteams/limits-specifications-teams */
const teamsBytes = 27_000;
/** More actions than six are hidden. */
const shownActions = 4;

/**
 * One Adaptive Card. Its texts are runs, of which a client reads no Markdown, and a mention needs an entity that is never
 * sent, so nothing is escaped: https://learn.microsoft.com/en-us/adaptive-cards/authoring-cards/text-features
 */
export function teamsBody(message: AlertMessage): string {
  const texts = message.alerts.map((alert) => textOf(alert, message));
  return fitting(texts.length, (count) => cardWith(message, texts.slice(0, count)), teamsBytes)
    .body;
}

function cardWith(message: AlertMessage, texts: readonly AlertText[]): string {
  const more = message.alerts.length - texts.length;
  const title = titleOf(message);
  // Of a single alert the first line says it all already.
  const isTold = message.alerts.length === 1 && title.length <= 300;
  const links = [...new Map(texts.flatMap((text) => text.links).map((one) => [one.url, one]))];
  return JSON.stringify({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          msteams: { width: 'Full' },
          body: [
            run(clipped(title, 300), { weight: 'Bolder', size: 'Large' }),
            ...texts.flatMap(({ headline, lines }) => [
              ...(isTold ? [] : [run(clipped(headline, 500), { weight: 'Bolder' })]),
              ...lines.slice(0, 10).map((line) => run(clipped(line, 500), {})),
            ]),
            ...(more > 0 ? [run(`and ${more} more`, {})] : []),
          ],
          actions: links
            .slice(0, shownActions)
            .map(([url, link]) => ({ type: 'Action.OpenUrl', title: link.title, url })),
        },
      },
    ],
  });
}

function run(text: string, look: Readonly<Record<string, string>>): object {
  return { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text, ...look }] };
}
