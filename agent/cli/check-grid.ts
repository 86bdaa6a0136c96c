import type { Cloud } from '../core/cloud.ts';
import type { Feature, Permission } from '../core/permission.ts';
import { grantBlocks } from './check-grants.ts';
import { isMissing } from './check-rights.ts';
import type { SourceRights } from './check-rights.ts';
import { grouped } from './grouped.ts';
import { formatTable, plainText, shorten, textWidth, wrap } from './format.ts';

const columns: Readonly<Record<Cloud, readonly Feature[]>> = {
  aws: [
    'sign in',
    'list meters',
    'read meters',
    'inference profiles',
    'tags',
    'provisioned throughput',
  ],
  azure: ['sign in', 'accounts', 'deployments', 'list meters', 'read meters'],
};
const shortNames: Partial<Record<Feature, string>> = {
  'inference profiles': 'profiles',
  'provisioned throughput': 'units',
};
const shortestLabel = 12;

/** The grid of one source, and below it what is missing and what grants it. */
export function rightsText({ source, cloud, permissions }: SourceRights, width: number): string {
  const collected = permissions.filter(({ untried }) => untried !== 'not_collected');
  const later = permissions.filter(({ untried }) => untried === 'not_collected');
  const blocks = [
    grid(source, cloud, collected, width) + dashes(collected, width),
    ...missingTexts(collected, width),
  ];
  for (const { title, text } of grantBlocks(cloud, permissions)) {
    blocks.push(`${plainText(title)}:\n${plainLines(text)}`);
  }
  if (later.length > 0) {
    const names = later.map(({ feature }) => feature).join(', ');
    blocks.push(wrap(`${names}: not tried, this version does not collect them yet`, width));
  }
  return blocks.join('\n\n');
}

function grid(
  source: string,
  cloud: Cloud,
  permissions: readonly Permission[],
  width: number,
): string {
  const asksBills = permissions.some(({ feature }) => feature === 'bills');
  const features = asksBills ? [...columns[cloud], 'bills' as const] : columns[cloud];
  const heads = features.map((name) => (shortNames[name] ?? name).toUpperCase());
  const taken = heads.reduce((sum, head) => sum + textWidth(head) + 2, 0);
  const room = Math.max(shortestLabel, width - taken);
  const places = placesOf(permissions);
  const labels = places.map(labelOf);
  const rows = places.map((place, index) => [
    shorten(labels[index] ?? '', room),
    ...features.map((feature) => cellOf(permissions, place, feature)),
  ]);
  const named = [shorten(source, room), ...heads].map((head) => ({ head, align: 'left' as const }));
  const cut = labels.filter((label) => textWidth(label) > room);
  const whole = cut.map((label) => `\n${shorten(label, room)} is ${label}`).join('');
  return `${formatTable(named, rows)}${whole === '' ? '' : `\n${whole}`}`;
}

/** Why there is a dash where nothing is wrong. */
function dashes(permissions: readonly Permission[], width: number): string {
  const reasons = permissions
    .filter(({ untried }) => untried === 'nothing_there')
    .map(({ feature, message }) => wrap(`-  ${feature}: ${message ?? ''}`, width));
  return reasons.length === 0 ? '' : `\n\n${[...new Set(reasons)].join('\n')}`;
}

interface Place {
  readonly account: string;
  readonly place: string;
}

/** Each place once; an account only where nothing inside it was tried, all accounts only where none is known. */
function placesOf(permissions: readonly Permission[]): readonly Place[] {
  const places = new Map(
    permissions.map(({ account, place }) => [`${account}/${place}`, { account, place }]),
  );
  return [...places.values()].filter(
    (one) =>
      one.place !== '' ||
      ![...places.values()].some(
        (other) => other !== one && (one.account === '' || other.account === one.account),
      ),
  );
}

function labelOf({ account, place }: Place): string {
  if (account === '') return 'every account';
  return plainText(place === '' ? account : `${account}/${place}`);
}

/**
 * What was found out for the whole account, or for all of them, holds for each of its places. Where a feature takes several
 * rights, what is missing of them counts.
 */
function cellOf(permissions: readonly Permission[], { account, place }: Place, feature: Feature) {
  const states = permissions
    .filter(
      (one) =>
        one.feature === feature &&
        (one.account === account || one.account === '') &&
        (one.place === place || one.place === ''),
    )
    .map(({ state }) => state);
  const state = worstFirst.find((one) => states.includes(one));
  return state === undefined ? '-' : cells[state];
}

const worstFirst = ['denied', 'failed', 'ok', 'not_tried'] as const;
const cells = { ok: 'ok', denied: 'DENIED', failed: 'failed', not_tried: '-' } as const;

/** One text a feature and account, its places together: the same right is missing in each. */
function missingTexts(permissions: readonly Permission[], width: number): readonly string[] {
  const groups = grouped(permissions.filter(isMissing), ({ account, feature, state, reason }) =>
    [account, feature, state, reason].join('|'),
  );
  return Array.from(groups.values(), (group) => {
    const [first] = group;
    const { account, feature, operation, state, message = '', hint = '' } = first;
    const places = group.flatMap(({ place }) => (place === '' ? [] : [place])).join(', ');
    const where = [account, places].filter((part) => part !== '').join(': ');
    const word = state === 'not_tried' ? 'not tried' : cells[state];
    const head = `${word}  ${feature} (${operation})${where === '' ? '' : ` in ${where}`}`;
    return [head, ...[message, hint].filter((text) => text !== '').map(plainText)]
      .map((text, index) => (index === 0 ? wrap(plainText(text), width) : indented(text, width)))
      .join('\n');
  });
}

function indented(text: string, width: number): string {
  return wrap(text, width - 2)
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}

/** Lines stay lines, so that the block can be pasted. */
function plainLines(text: string): string {
  return text.split('\n').map(plainText).join('\n');
}
