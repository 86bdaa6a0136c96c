import type { AuditRow } from '../core/audit.ts';
import type { EvidenceReader } from '../core/evidence.ts';
import type { IdentityRow } from '../core/store.ts';
import { hourMs, isoUtc } from '../core/time.ts';
import type { Window } from '../core/time.ts';
import { commandsOf, shellWord } from '../query/explain-commands.ts';
import { namedSeries } from '../query/explain-readings.ts';

/** The clouds' own commands that show the bill of every account that has a row, with a line of comment each. */
export function billCommands(rows: readonly AuditRow[], days: Window): readonly string[] {
  const accounts = new Map(rows.map((row) => [`${row.cloud}|${row.account}`, row]));
  const from = isoUtc(days.start).slice(0, 10);
  const to = isoUtc(days.end).slice(0, 10);
  return [...accounts.values()].map(({ cloud, account }) =>
    cloud === 'aws' ? awsBill(account, from, to) : azureBill(account, from, isoUtc(days.end - 1)),
  );
}

/** https://docs.aws.amazon.com/cli/latest/reference/ce/get-cost-and-usage.html ; each call costs $0.01 a page. */
function awsBill(account: string, from: string, to: string): string {
  const filter = { Dimensions: { Key: 'LINKED_ACCOUNT', Values: [account] } };
  return [
    `# The bill of account ${account}, with credentials of its payer ($0.01 a page)`,
    [
      'aws ce get-cost-and-usage --granularity DAILY',
      `--time-period Start=${from},End=${to}`,
      '--metrics UnblendedCost UsageQuantity',
      '--group-by Type=DIMENSION,Key=SERVICE Type=DIMENSION,Key=USAGE_TYPE',
      `--filter ${shellWord(JSON.stringify(filter))}`,
    ].join(' \\\n  '),
  ].join('\n');
}

/** https://learn.microsoft.com/en-us/rest/api/cost-management/query/usage */
function azureBill(subscription: string, from: string, last: string): string {
  const body = {
    type: 'ActualCost',
    timeframe: 'Custom',
    timePeriod: { from: `${from}T00:00:00Z`, to: last.replace('.999Z', 'Z') },
    dataset: {
      granularity: 'Daily',
      aggregation: {
        cost: { name: 'Cost', function: 'Sum' },
        quantity: { name: 'UsageQuantity', function: 'Sum' },
      },
      grouping: [
        { type: 'Dimension', name: 'ResourceId' },
        { type: 'Dimension', name: 'Meter' },
      ],
    },
  };
  const scope = `https://management.azure.com/subscriptions/${subscription}`;
  return [
    `# The bill of subscription ${subscription}, signed in to it; follow nextLink with the same body`,
    [
      'az rest --method post',
      `--url ${shellWord(`${scope}/providers/Microsoft.CostManagement/query?api-version=2023-11-01`)}`,
      `--body ${shellWord(JSON.stringify(body))}`,
    ].join(' \\\n  '),
  ].join('\n');
}

/** The commands that show the hourly readings of every traffic of a model-account, over its days that differ. */
export async function meterCommands(
  reader: EvidenceReader,
  identities: readonly IdentityRow[],
  days: Window,
  differing: ReadonlyMap<string, Window>,
): Promise<readonly string[]> {
  const commands: string[] = [];
  for (const [key, window] of differing) {
    const traffics = new Set(
      identities
        .filter(({ cloud, account, model }) => `${cloud}|${account}|${model}` === key)
        .map(({ trafficId }) => trafficId),
    );
    const first = { start: window.start, end: window.start + hourMs };
    const evidence = await Promise.all([...traffics].map((id) => reader.evidence(id, first)));
    const series = namedSeries(evidence, new Set())
      .filter(({ evidence: { series: one } }) => one.measure.kind === 'tokens')
      .map((one) => ({ ...one, periodSeconds: 3_600 }));
    const span = { start: window.start, end: Math.min(window.end, days.end) };
    const [, , model = ''] = key.split('|');
    for (const { note, words } of commandsOf(series, span)) {
      commands.push(`# The hourly readings of ${model}, ${note}\n${words.join(' \\\n  ')}`);
    }
  }
  return commands;
}
