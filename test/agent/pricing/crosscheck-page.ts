import type { Comparison } from './crosscheck.ts';
import { scopeOf } from './litellm.ts';
import { dollars, tableOf } from './report.ts';

const preface = `# The default prices beside LiteLLM's

Written by \`UPDATE_PRICES=1 npx vitest run test/agent/pricing/crosscheck\`, and compared by the same test without it.

LiteLLM's list of 2026-08-01 (MIT, \`test/fixtures/prices/litellm-2026-08.json\`): Bedrock's and Azure's chat models, amount
by amount, beside what the default book (@pydantic/genai-prices) says for the same cloud, model, version, region and routing
on that day, standard tier. US dollars for a million tokens. The reasons are a closed list of rules,
\`test/agent/pricing/crosscheck.ts\`; the first that holds is given, and an amount that none explains fails the test.
`;

export function crosscheckPage(all: readonly Comparison[]): string {
  const both = all.filter(({ ours }) => ours !== undefined);
  const differing = both.filter(({ reason }) => reason !== undefined);
  const missing = all.filter(({ ours }) => ours === undefined);
  return `${preface}
## In figures

${tableOf(
  ['', 'aws', 'azure', 'both'],
  [
    figures('amounts in LiteLLM', all),
    figures('priced by both', both),
    figures(
      'of these the same',
      both.filter(({ reason }) => reason === undefined),
    ),
    figures('of these different', differing),
    figures('not in the default book', missing),
  ],
)}

## Different amounts

${reasonTable(differing)}

${tableOf(
  ['key', 'item', 'LiteLLM', 'default book', 'reason'],
  differing.map(({ entry, item, theirs, ours, reason = '' }) => [
    entry.id,
    item,
    dollars(theirs),
    dollars(ours),
    reason,
  ]),
)}

## Not in the default book

${reasonTable(missing)}

${tableOf(
  ['reason', 'keys'],
  [...grouped(missing)].map(([reason, found]) => [
    reason,
    [...new Set(found.map(({ entry }) => entry.id))].join(', '),
  ]),
)}
`;
}

function figures(name: string, found: readonly Comparison[]): readonly string[] {
  const aws = found.filter(({ entry }) => scopeOf(entry.id).cloud === 'aws').length;
  return [name, String(aws), String(found.length - aws), String(found.length)];
}

function reasonTable(found: readonly Comparison[]): string {
  return tableOf(
    ['reason', 'amounts', 'keys'],
    [...grouped(found)].map(([reason, some]) => [
      reason,
      String(some.length),
      String(new Set(some.map(({ entry }) => entry.id)).size),
    ]),
  );
}

/** By reason, the commonest first. */
function grouped(found: readonly Comparison[]): ReadonlyMap<string, readonly Comparison[]> {
  const groups = new Map<string, Comparison[]>();
  for (const one of found) {
    const reason = one.reason ?? '';
    groups.set(reason, [...(groups.get(reason) ?? []), one]);
  }
  return new Map([...groups].toSorted(([, a], [, b]) => b.length - a.length));
}
