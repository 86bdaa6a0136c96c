import type { CostChange } from '../core/price-store.ts';
import type { PriceChange, WaitReason } from '../pricing/diff.ts';
import type { MoneyEffect } from '../pricing/update.ts';
import { formatCount, formatInstant, formatTable, plainText, shorten, wrap } from './format.ts';
import { grouped } from './grouped.ts';
import { wrapIndented } from './indented.ts';
import { linesOf, priceOf } from './price-changes.ts';
import type { ChangeLine, Proposal } from './price-changes.ts';
import { dayOf, exactUsd, roundedUsd, signedUsd, sourceName, thingOf } from './price-words.ts';

/** Lines of one list that a person reads; `--json` has all. */
const mostLines = 60;

/** What one list changes, by model: the figures of all, and every price that moves, ends or waits. */
export function proposalText(
  { listing, diff, edit }: Proposal,
  confirmAbove: number,
  width: number,
): string {
  const { source, version, fetchedAt } = listing;
  const name = `${sourceName(source)} ${plainText(version)}`.trim();
  const head = `${name}, fetched ${formatInstant(fetchedAt)} UTC`;
  if (diff.changes.length === 0) {
    const same = `nothing new, ${formatCount(diff.unchanged)} prices as they are in the book`;
    return `${wrap(`${head}: ${same}.`, width)}\n`;
  }
  const waiting = new Set(edit.waiting);
  const taken = diff.changes.filter((change) => !waiting.has(change));
  const counts = [
    ...kinds.map(([kind, word]) => counted(taken.filter((one) => one.kind === kind).length, word)),
    counted(waiting.size, 'waiting'),
    `${formatCount(diff.unchanged)} unchanged`,
  ].filter((text) => text !== '');
  const byModel = grouped(diff.changes, (change) => priceOf(change).model);
  const blocks: string[] = [];
  let lines = 0;
  let left = 0;
  for (const model of [...byModel.keys()].toSorted()) {
    const own = byModel.get(model) ?? [];
    const added = own.filter((one) => one.kind === 'added' && !waiting.has(one));
    const told = linesOf(own.filter((one) => one.kind !== 'added' || waiting.has(one)));
    const room = Math.max(0, mostLines - lines);
    lines += told.length;
    left += Math.max(0, told.length - room);
    const shown = told.slice(0, room);
    if (shown.length === 0 && added.length === 0) continue;
    const more = added.length === 0 ? '' : `  ${formatCount(added.length)} added`;
    const details = shown.map((line) => lineText(line, isWaiting(line, waiting), confirmAbove));
    blocks.push(
      [`${plainText(model === '' ? 'every model' : model)}${more}`, ...details.flat()]
        .map((text) => wrapIndented(text, width))
        .join('\n'),
    );
  }
  const rest =
    left === 0 ? '' : `\n… and ${formatCount(left)} more lines; --json tells all of them\n`;
  return `${wrap(`${head}: ${counts.join(', ')}`, width)}\n\n${blocks.join('\n')}\n${rest}`;
}

const kinds = [
  ['added', 'added'],
  ['changed', 'changed'],
  ['ended', 'ended'],
] as const;

function counted(count: number, word: string): string {
  return count === 0 ? '' : `${formatCount(count)} ${word}`;
}

function isWaiting({ changes }: ChangeLine, waiting: ReadonlySet<PriceChange>): boolean {
  return changes.some((change) => waiting.has(change));
}

const indent = '  ';

function lineText(line: ChangeLine, waits: boolean, confirmAbove: number): readonly string[] {
  const price = priceOf(line);
  const ratio = line.ratio === undefined ? '' : `  ×${ratioWords(line.ratio)}`;
  const first = `${waits ? `${line.shortId}  ` : ''}${thingOf(price)}: ${amounts(line)}${ratio}, from ${dayOf(line.at)}`;
  const { cloud, modelVersion, account, routing, tier } = price;
  const where = [cloud, modelVersion, account, routing, tier, regionWords(line.regions)];
  const texts = [first, `  ${where.filter((word) => word !== '').join(', ')}`];
  if (waits) texts.push(`  waits: ${whyWaits(line, confirmAbove)}`);
  return texts.map((text) => `${indent}${plainText(text)}`);
}

function amounts({ before, after }: PriceChange): string {
  const [old, fresh] = [before, after].map((price) => price && exactUsd(price.nanoUsd));
  if (fresh === undefined) return `${old ?? ''} ends`;
  return old === undefined ? `${fresh}, new` : `${old} → ${fresh}`;
}

function ratioWords(ratio: number): string {
  return ratio.toFixed(ratio < 0.1 ? 4 : 2);
}

function regionWords(regions: readonly string[]): string {
  const named = regions.filter((region) => region !== '');
  if (named.length <= 3) return named.join(', ');
  return `${named.slice(0, 2).join(', ')} and ${named.length - 2} more regions`;
}

/** Why a change waits, for a person. */
function whyWaits({ waitsFor, disputedBy }: PriceChange, confirmAbove: number): string {
  const guard = `${Math.round(confirmAbove * 1_000) / 10} %`;
  const other = disputedBy
    ? `${sourceName(disputedBy.source)} say ${exactUsd(disputedBy.nanoUsd)}`
    : 'another price of the same thing is disputed';
  const reasons: Readonly<Record<WaitReason, string>> = {
    moved: `it moves by more than ${guard}`,
    disputed: `${other}, more than ${guard} away`,
    vanished: 'the list has it no longer',
  };
  return waitsFor.map((reason) => reasons[reason]).join('; ');
}

/** What recent use costs by the book as it is, and as it would be; a sentence where that is the same. */
export function effectText(effects: readonly MoneyEffect[], width: number, whose: string): string {
  if (effects.length === 0) {
    return `${wrap(`${whose}: the use of the last 30 days costs the same.`, width)}\n`;
  }
  const hasGains = effects.some((one) => gained(one) !== 0);
  const columns = [
    { head: 'MODEL', align: 'left' as const },
    ...['NOW USD', 'THEN USD', 'DIFFERENCE', ...(hasGains ? ['TOKENS PRICED'] : [])].map(
      (head) => ({ head, align: 'right' as const }),
    ),
  ];
  const rows = effects.map((one) => [
    shorten(plainText(one.model), Math.max(16, width - (hasGains ? 58 : 42))),
    nullableUsd(one.before),
    nullableUsd(one.after),
    signedUsd(one.difference),
    ...(hasGains ? [signedCount(gained(one))] : []),
  ]);
  const sum = (pick: (one: MoneyEffect) => bigint) =>
    effects.reduce((all, one) => all + pick(one), 0n);
  const foot = [
    'Total',
    roundedUsd(sum(({ before }) => before ?? 0n)),
    roundedUsd(sum(({ after }) => after ?? 0n)),
    signedUsd(sum((one) => one.difference)),
    ...(hasGains ? [signedCount(effects.reduce((all, one) => all + gained(one), 0))] : []),
  ];
  const head = wrap(`${whose}, the use of the last 30 days at all of its prices:`, width);
  return `${head}\n\n${formatTable(columns, rows, foot)}\n`;
}

/** Tokens that get a price; below 0 where they lose one. */
function gained(one: MoneyEffect): number {
  return one.unpricedTokensBefore - one.unpricedTokensAfter;
}

/** What rating anew did to the ledger. */
export function ratedText(changes: readonly CostChange[], width: number): string {
  const moved = changes.filter(({ before, after }) => before !== after);
  if (moved.length === 0) return 'No cost in the ledger changed.\n';
  const columns = [
    { head: 'MODEL', align: 'left' as const },
    ...['WAS USD', 'IS USD', 'DIFFERENCE', 'PERIODS'].map((head) => ({
      head,
      align: 'right' as const,
    })),
  ];
  const rows = moved.map((one) => [
    shorten(plainText(one.model), Math.max(16, width - 52)),
    nullableUsd(one.before),
    nullableUsd(one.after),
    signedUsd(difference(one)),
    formatCount(one.rows),
  ]);
  const sum = (pick: (one: CostChange) => bigint) =>
    moved.reduce((all, one) => all + pick(one), 0n);
  const foot = [
    'Total',
    roundedUsd(sum(({ before }) => before ?? 0n)),
    roundedUsd(sum(({ after }) => after ?? 0n)),
    signedUsd(sum(difference)),
    formatCount(moved.reduce((all, one) => all + one.rows, 0)),
  ];
  return `${wrap('Rated anew, from the day each price begins:', width)}\n\n${formatTable(columns, rows, foot)}\n`;
}

function difference({ before, after }: CostChange): bigint {
  return (after ?? 0n) - (before ?? 0n);
}

function nullableUsd(nano: bigint | null): string {
  return nano === null ? '–' : roundedUsd(nano);
}

function signedCount(count: number): string {
  return `${count > 0 ? '+' : ''}${formatCount(count)}`;
}
