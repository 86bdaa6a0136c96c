import type { AlertMessage } from '../../agent/core/alert.ts';
import type { Channel } from './channel.ts';
import type { Addressed, NotifierDeps } from './settings.ts';
import { clipped, textOf, titleOf } from './text.ts';
import type { AlertText } from './text.ts';

/** A Slack incoming webhook: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
export function slackChannel(settings: Addressed<'slack'>, { post }: NotifierDeps): Channel {
  return {
    send: (message, at, signal) =>
      post({ url: settings.url.reveal(), body: slackBody(message), secrets: [] }, at, signal),
  };
}

/** Alerts that a message shows; a message takes 50 blocks. */
const shownAlerts = 20;
/** https://docs.slack.dev/reference/block-kit/blocks/header-block */
const headerCharacters = 150;
/** Of a section 3,000 characters are taken, escapes counted; links take what these leave. */
const headlineCharacters = 600;
const linesCharacters = 1_500;
const linkCharacters = 400;

/**
 * Texts are mrkdwn with everything in them that Slack would read as markup, a link or a mention taken out of force:
 * https://docs.slack.dev/messaging/formatting-message-text#escaping
 */
export function slackBody(message: AlertMessage): string {
  const title = titleOf(message);
  const shown = message.alerts.slice(0, shownAlerts);
  const more = message.alerts.length - shown.length;
  // Of a single alert the header says it all already.
  const isTold = message.alerts.length === 1 && title.length <= headerCharacters;
  return JSON.stringify({
    text: escapeSlack(title, headlineCharacters),
    blocks: [
      {
        type: 'header',
        text: { type: 'plain_text', text: clipped(title, headerCharacters), emoji: false },
      },
      ...shown.map((alert) => section(sectionText(textOf(alert, message), isTold))),
      ...(more > 0 ? [section(`and ${more} more`)] : []),
    ],
  });
}

function section(text: string): object {
  return { type: 'section', text: { type: 'mrkdwn', text, verbatim: true } };
}

function sectionText({ headline, lines, links }: AlertText, isTold: boolean): string {
  return [
    isTold ? '' : `*${escapeSlack(headline, headlineCharacters)}*`,
    escapeSlack(lines.join('\n'), linesCharacters),
    links
      .map(({ title, url }) => ({ title, url: escapeUrl(url) }))
      .filter(({ url }) => url.length <= linkCharacters)
      .map(({ title, url }) => `<${url}|${title}>`)
      .join(' · '),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** A URL has nothing to be formatted; what ends a link is written another way. */
function escapeUrl(url: string): string {
  return url
    .replaceAll('&', '&amp;')
    .replaceAll('<', '%3C')
    .replaceAll('>', '%3E')
    .replaceAll('|', '%7C');
}

/** Of these Slack makes bold, italics, struck text and code where they stand at the edge of a word. */
const formatting = /(?<![\p{L}\p{N}])[*_~`]|[*_~`](?![\p{L}\p{N}])/gu;
const wordJoiner = '\u2060';

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Text that Slack shows as it is; of at most so many characters after it was escaped, and never half an escape. */
export function escapeSlack(text: string, mostCharacters = Infinity): string {
  const plain = text.replaceAll(formatting, `${wordJoiner}$&`);
  let escaped = '';
  for (const character of plain) {
    const next = escapes[character] ?? character;
    if (escaped.length + next.length >= mostCharacters) return `${escaped}…`;
    escaped += next;
  }
  return escaped;
}
