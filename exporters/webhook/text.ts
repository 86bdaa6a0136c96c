import type { Alert, AlertMessage, MessageType } from '../../agent/core/alert.ts';
import { certaintyText, momentText, standingText } from './figures.ts';

/** An alert for people, in plain text: nothing of it is escaped for any channel yet. */
export interface AlertText {
  /** What, how much, by when: one line. */
  readonly headline: string;
  /** Who drives it, how sure it is, since when: a line each. */
  readonly lines: readonly string[];
  readonly links: readonly { readonly title: string; readonly url: string }[];
}

const words: Readonly<Record<MessageType, string>> = {
  'alert.firing': 'FIRING',
  'alert.resolved': 'RESOLVED',
  'alert.corrected': 'CORRECTED',
  'alert.repeated': 'STILL FIRING',
  'alert.heartbeat': 'HEARTBEAT',
  'alert.test': 'TEST',
};

/** `FIRING: search-monthly: $455 of $500`, or how many there are of which name. */
export function titleOf({ type, alerts, group }: AlertMessage): string {
  const [first, second] = alerts;
  const about = first === undefined ? group : headlineOf(first);
  if (first === undefined || second === undefined) return `${words[type]}: ${oneLine(about)}`;
  return `${words[type]} (${alerts.length}): ${oneLine(first.name)}`;
}

export function textOf(alert: Alert, message: Pick<AlertMessage, 'type' | 'link'>): AlertText {
  const { annotations, acknowledged } = alert;
  const { description = '' } = annotations;
  const standing = standingText(alert);
  return {
    headline: headlineOf(alert),
    lines: [
      ...(description === '' ? [] : description.split(/\r?\n/)),
      ...(message.type === 'alert.corrected'
        ? ['It fired on figures that were restated below the threshold since.']
        : []),
      ...(standing === undefined ? [] : [`${sentence(standing)} (${certaintyText(alert)})`]),
      whoIn(alert),
      whenOf(alert),
      ...(acknowledged === null
        ? []
        : [`Acknowledged by ${acknowledged.by} at ${momentText(acknowledged.at)}`]),
    ]
      .map(oneLine)
      .filter((line) => line !== ''),
    links: [
      ...link('Open in Crossbill', annotations['link'] ?? message.link ?? undefined),
      ...link('Runbook', annotations['runbook_url']),
    ],
  };
}

function headlineOf(alert: Alert): string {
  const { summary = '' } = alert.annotations;
  if (summary !== '') return guarded(oneLine(summary));
  const standing = standingText(alert);
  return guarded(oneLine(standing === undefined ? alert.name : `${alert.name}: ${standing}`));
}

/** The labels that say who and what, severity included. */
function whoIn({ labels }: Alert): string {
  return Object.entries(labels)
    .filter(([name, value]) => name !== 'alertname' && value !== '')
    .map(([name, value]) => `${name}: ${guarded(value)}`)
    .join(', ');
}

function whenOf({ state, activeAt, firedAt, endedAt, period }: Alert): string {
  const since = momentText(firedAt ?? activeAt);
  if (endedAt !== null) return `Fired ${since}, ${state} ${momentText(endedAt)}`;
  const ends = period === null ? '' : `; the period ends ${momentText(period.end)}`;
  return `Firing since ${since}${ends}`;
}

/** Addresses of the web, and nothing else that a click could start. */
function link(title: string, url: string | undefined): AlertText['links'] {
  if (url === undefined || !URL.canParse(url)) return [];
  const { protocol, href } = new URL(url);
  return protocol === 'https:' || protocol === 'http:' ? [{ title, url: href }] : [];
}

/** Without line ends, and without what steers a terminal or turns text around. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

/** A name that a spreadsheet would take for a formula is quoted as spreadsheets do it. */
function guarded(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

/** At most so many characters; what is cut ends with `…`. */
export function clipped(text: string, characters: number): string {
  const all = Array.from(text);
  return all.length <= characters ? text : `${all.slice(0, characters - 1).join('')}…`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
