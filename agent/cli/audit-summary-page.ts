import type { AuditRow, AuditSummary } from '../core/audit.ts';
import type { AuditSettings } from './audit-facts.ts';
import { formatCount, formatUsd } from './format.ts';

export interface PageFacts {
  readonly version: string;
  readonly contracts: AuditSettings['contracts'];
  readonly redacted: boolean;
}

const shown = 10;

/** One page for a reader who never saw the agent: what is assumed, what was found, how to check it by hand. */
export function summaryPage(summary: AuditSummary, facts: PageFacts): string {
  const assumed = new Set(summary.largest.map(({ assumption }) => assumption));
  const lines = [
    `# Metered against billed, ${summary.from} to ${summary.to} (exclusive)`,
    '## What is assumed',
    contractText(facts.contracts),
    ...(assumed.size === 0
      ? []
      : [['For the differences below:', ...[...assumed].map((one) => `- ${one}`)].join('\n')]),
    '## What was found',
    `${summary.headline}.`,
    table(
      ['class', 'rows', 'billed $', 'unexplained $', 'meaning'],
      summary.classes.map((one) => [
        one.class,
        formatCount(one.rows),
        formatUsd(one.billed_usd),
        formatUsd(one.unexplained_usd),
        one.means,
      ]),
    ),
    ...summary.other_currencies.map(
      ({ currency, billed }) =>
        `${formatUsd(billed)} ${currency} have no configured rate and are in none of these dollars.`,
    ),
    ...(summary.largest.length === 0
      ? []
      : ['## The largest differences', ...summary.largest.slice(0, shown).map(differenceText)]),
    '## How to check it',
    howToCheck,
    [
      '- `day-meter.csv`: a row for each day and billed meter, and for what was metered and not billed.',
      '- `bill-lines.csv`: the bill as the cloud told it.',
      '- `hourly.csv`: the readings behind it. `input_meter_tokens` is what the input meter itself said.',
      '- `commands.sh`: the clouds’ own commands that show the same bill and the same readings.',
      '- `SHA256SUMS`: `sha256sum -c SHA256SUMS` tells whether a file was changed.',
    ].join('\n'),
    facts.redacted
      ? 'Accounts, resources and deployments have names of this pack’s own (`account-1`), the same in every file; put yours in before running the commands.'
      : 'Accounts, resources and deployments have their real names.',
    `Written by Crossbill ${facts.version}. Days are UTC; quantities are tokens; drift is billed less metered.`,
  ];
  return `${lines.join('\n\n')}\n`;
}

function contractText({
  openaiInputIncludesCached: inside,
  openaiInputConfirmed,
}: PageFacts['contracts']) {
  const says = inside
    ? 'The input meter of OpenAI models counts cached tokens too'
    : 'The input meter of OpenAI models leaves cached tokens to their own meters';
  return openaiInputConfirmed
    ? `${says}: the configuration says so.`
    : `${says}. **This is a default that nobody confirmed**; under the other reading a bill that rates all of the input meter is right.`;
}

/** Step by step, with a calculator. */
const howToCheck = [
  '1. Take a day and a model in `day-meter.csv`. Add up its rows in `hourly.csv` by column: `input_tokens` + `unsplit_input_tokens` are the metered quantity of `input`, the other columns those of theirs.',
  '2. In `bill-lines.csv`, quantity × tokens_per_unit of the same day and meter is the billed quantity.',
  '3. For cached tokens rated twice: the sum of `input_meter_tokens` is about the billed quantity of `input`, though cached tokens are billed on meters of their own. The excess is the cached tokens × cost / billed quantity of the input line.',
  '4. Run `commands.sh`: the clouds show the same quantities and readings.',
].join('\n');

function differenceText(row: AuditRow): string {
  const place = [row.cloud, row.account, row.resource, row.region].filter((word) => word !== '');
  return [
    `**${row.day}, ${row.class}, $${formatUsd(row.drift_usd ?? row.billed_cost)}**: ${row.model}, ${row.meter} (${place.join(' ')})`,
    row.explanation,
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [tableLine(head), tableLine(head.map(() => '---')), ...rows.map(tableLine)].join('\n');
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
}
