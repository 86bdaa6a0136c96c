import type { Explanation, ExplainedPart } from '../query/explanation.ts';
import { moneyText } from './explain-money.ts';
import { commandText, readingsText } from './explain-readings.ts';
import { formatInstant, plainText, wrap } from './format.ts';

/**
 * An explanation for people, in at most `width` columns, from the figure back to the commands that show its readings.
 * Commands keep their words whole.
 */
export function explanationText(told: Explanation, demo: boolean, width: number): string {
  const blocks = [
    ...(demo
      ? ['DEMO  A recorded production hour, replayed by built-in clouds: not your usage.']
      : []),
    headText(told, width),
    ...told.parts.flatMap((part) => partBlocks(part, told, width)),
    section('ROUNDING', wrapped(told.rounding, width)),
    section('BILLED', billedText(told.billed, width)),
    section('READINGS', readingsText(told, width)),
    section('REVISIONS', revisionsText(told, width)),
    section('THE SAME READINGS FROM THE CLOUD', told.commands.map(commandText).join('\n\n')),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function billedText({ explanation, lines }: Explanation['billed'], width: number): string {
  const said = lines.map(({ meter, quantity, unit, cost, currency, record_type: type, source }) => {
    const amount = quantity === null ? '' : `${quantity} ${unit}, `;
    const kind = type === 'usage' ? '' : `, ${type}`;
    return wrapped(`${meter}: ${amount}${cost} ${currency}${kind} (${source})`, width, '    ');
  });
  return [wrapped(explanation, width), ...said].join('\n');
}

/** Words of a cloud between ours are made harmless before they are broken into lines. */
function wrapped(text: string, width: number, indent = '  '): string {
  return wrap(plainText(text), width - indent.length)
    .split('\n')
    .map((line) => `${indent}${line}`)
    .join('\n');
}

function section(title: string, body: string): string {
  return `${title}\n${body}`;
}

function headText(told: Explanation, width: number): string {
  const length = told.step === '1h' ? '1 hour' : '1 minute';
  const settled = told.settled ? 'settled' : 'provisional: the cloud may still change it';
  const head = `${told.model} at ${formatInstant(Date.parse(told.time))} UTC, ${length}, ${settled}`;
  const { cost_usd: cost, cost_low_usd: low, cost_high_usd: high } = told;
  const range = low === high ? '' : `, between $${low} and $${high}`;
  const money = cost === null ? 'no cost is known: nothing of it has a price' : `$${cost}${range}`;
  const unpriced =
    told.unpriced_tokens === 0 ? [] : [`${count(told.unpriced_tokens)} tokens have no price`];
  const checked = told.agrees
    ? 'the arithmetic below gives what the ledger holds, to the nano-dollar'
    : 'the arithmetic below does NOT give what the ledger holds; the notes say why';
  return [
    wrap(plainText(head), width),
    ...[money, ...unpriced, checked].map((line) => wrapped(line, width)),
  ].join('\n');
}

function partBlocks(part: ExplainedPart, told: Explanation, width: number): readonly string[] {
  const { identity } = part;
  const of = told.parts.length > 1 ? ` ${part.id}` : '';
  const place = [identity.cloud, identity.account, identity.region, identity.resource];
  const who = [
    place.filter((word) => word !== '').join(' / '),
    `vendor's model ${identity.vendor_model || '–'}, deployment ${identity.deployment || '–'}, ` +
      `${identity.endpoint}, routing ${identity.routing}, tier ${identity.tier}, team ${identity.team}`,
    `model ${identity.model}${identity.model_version === '' ? '' : ` ${identity.model_version}`} ` +
      `(${identity.confidence}): ${identity.identified_by}`,
  ];
  const tokens = [
    ...part.contracts.map(({ word, explanation }) => `contract ${word}: ${explanation}`),
    ...part.sums.map(({ text }) => text),
  ];
  const notes = [...part.notes];
  return [
    section(`WHO${of}`, who.map((line) => wrapped(line, width)).join('\n')),
    section(`TOKENS${of}`, tokens.map((line) => hanging(line, width)).join('\n')),
    ...moneyText(part, of, width),
    ...(notes.length === 0
      ? []
      : [section(`NOTES${of}`, notes.map((line) => wrapped(line, width)).join('\n'))]),
  ];
}

/** Continued lines stand deeper. */
function hanging(text: string, width: number): string {
  return wrapped(text, width - 2)
    .split('\n')
    .map((line, index) => (index === 0 ? line : `  ${line}`))
    .join('\n');
}

const mostRevisions = 10;

function revisionsText({ revisions }: Explanation, width: number): string {
  if (revisions.length === 0) return '  none is known';
  const shown = revisions.slice(-mostRevisions);
  const lines = shown.map(({ at, from, to }) =>
    hanging(
      `${at.slice(0, 19)}Z  changed something in ${formatInstant(Date.parse(from))} – ${formatInstant(Date.parse(to))}`,
      width,
    ),
  );
  const more = revisions.length - shown.length;
  return [...(more > 0 ? [`  ${more} earlier ones; --json tells all`] : []), ...lines].join('\n');
}

function count(tokens: number): string {
  return tokens.toLocaleString('en-US');
}
