import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Cell, Seen } from './cell.ts';

const path = fileURLToPath(new URL('./MATRIX.md', import.meta.url));

const columns = [
  'script',
  'call',
  'reason shown',
  'on record as failing',
  'blind',
  'next try after (s)',
  'others that go on',
  'healed',
] as const;

const preface = `# What trouble a cloud can make, and what is seen of it

Written by \`UPDATE_MATRIX=1 npx vitest run test/faults/matrix\`, and compared by the same test without it.

A row is one fault script on one call: real loops and collectors, before, while and after it lasts. "On record" is what
the sources show while it lasts; "blind" are the targets whose newest figures cannot be read then, and stay null; a call
that only lists leaves none blind. "Healed": afterwards nothing is on record, and the ledger is the truth to the minute
and in total. \`-\` is none.

What befalls no call is held by tests beside this one: a cloud's clock that is wrong (\`clocks.test.ts\`), our own clock set
back, a day asleep, a full disk (\`shows.test.ts\`), a day told anew (\`restated.test.ts\`), a model silent for 20 days
(\`silent.test.ts\`), a killed writer (\`kill.test.ts\`), 30 days on end (\`soak.test.ts\`).
`;

/** One line of the table. */
export function lineOf(cell: Cell, seen: Seen): string {
  const cells = [
    cell.script,
    cell.call,
    listed(seen.reasons),
    listed(seen.failing.map(short)),
    listed(seen.blind.map(short)),
    listed(seen.waits),
    String(seen.going.length),
    seen.healedAfterMinutes === undefined ? 'no' : 'yes',
  ];
  return `| ${cells.join(' | ')} |`;
}

function listed(values: readonly (string | number)[]): string {
  return values.length === 0 ? '-' : values.join(', ');
}

/** Without the digits of accounts and subscriptions that say nothing here. */
function short(target: string): string {
  return target.replace(/00000000-0000-0000-0000-00000000000(\d)/, 'subscription-$1');
}

const titles = { aws: 'Amazon Bedrock', azure: 'Azure OpenAI' } as const;

/** The lines of a cloud's table in the committed file; none where there is no such file or table. */
export function readTable(cloud: Cell['cloud']): readonly string[] {
  return readTables().get(titles[cloud]) ?? [];
}

/** Writes a cloud's table, and leaves the other cloud's alone. */
export function writeTable(cloud: Cell['cloud'], lines: readonly string[]): void {
  const tables = new Map(readTables()).set(titles[cloud], lines);
  const sections = Object.values(titles).map((title) => {
    const head = [`| ${columns.join(' | ')} |`, `|${' --- |'.repeat(columns.length)}`];
    return [`## ${title}`, '', ...head, ...(tables.get(title) ?? []), ''].join('\n');
  });
  writeFileSync(path, [preface, ...sections].join('\n'));
}

function readTables(): ReadonlyMap<string, readonly string[]> {
  if (!existsSync(path)) return new Map();
  const [, ...sections] = readFileSync(path, 'utf8').split(/^## /m);
  return new Map(
    sections.map((section) => {
      const [title = '', ...lines] = section.split('\n');
      const [, , ...rows] = lines.filter((line) => line.startsWith('|'));
      return [title.trim(), rows.map((line) => line.replaceAll(/ {2,}/g, ' '))];
    }),
  );
}
