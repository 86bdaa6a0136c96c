import { describeConfig } from '../config/describe.ts';
import type { Config } from '../config/schema.ts';
import type { SourceConfig } from '../config/sources.ts';
import { formatAge, formatTable } from './format.ts';
import { notYet } from './not-yet.ts';
import type { Platform } from './platform.ts';
import { collectSettingsOf, readConfig } from './settings.ts';

/**
 * `crossbill check`: validates the configuration, and that each source could be started with it; contacts no cloud and
 * changes nothing.
 */
export async function checkVerb(
  platform: Platform,
  configPath: string,
  options: { readonly json: boolean },
): Promise<number> {
  const loaded = readConfig(platform, configPath);
  const { file, config } = loaded;
  const problems = await faults(platform, config.sources);
  const remarks = notYet(loaded);
  const valid = problems.length === 0;
  for (const problem of problems) platform.err.write(`${problem}\n`);
  if (options.json) {
    const answer = { file, valid, problems, remarks, config: describeConfig(config) };
    platform.out.write(`${JSON.stringify(answer, null, 2)}\n`);
  } else {
    if (valid) platform.out.write(`${file}: the configuration is valid\n\n${overview(config)}\n`);
    if (valid && remarks.length > 0) platform.out.write('\n');
    for (const remark of remarks) platform.out.write(`note: ${remark}\n`);
  }
  return valid ? 0 : 1;
}

/** What keeps a source from being started, a variable of the environment say. */
async function faults(
  platform: Platform,
  sources: readonly SourceConfig[],
): Promise<readonly string[]> {
  const clock = platform.createClock();
  const tried = await Promise.allSettled(
    sources.map(async (source) => (await platform.createCollector(source, clock)).close()),
  );
  return tried
    .filter((one) => one.status === 'rejected')
    .map(({ reason }) => (reason instanceof Error ? reason.message : String(reason)));
}

function overview(config: Config): string {
  const { everySeconds, overlapSeconds, backfillSeconds } = collectSettingsOf(config);
  const { host, port } = config.listen;
  const [every, overlap, history] = [everySeconds, overlapSeconds, backfillSeconds].map(formatAge);
  const rows = [
    ...config.sources.map((source) => ['source', source.name, whereOf(source)]),
    ['poll', `every ${every}`, `the newest ${overlap} again each time; history back to ${history}`],
    ['ledger', 'sqlite', config.ledger.path],
    ['listen', config.tls === undefined ? 'http' : 'https', `${host}:${port}`],
  ];
  const columns = ['', '', ''].map((head) => ({ head, align: 'left' as const }));
  // Without heads and the rule below them.
  return formatTable(columns, rows).split('\n').slice(2).join('\n');
}

function whereOf(source: SourceConfig): string {
  if (source.type === 'azure') {
    return source.subscriptions.length === 0
      ? 'azure: every subscription the credential sees'
      : `azure: ${source.subscriptions.join(', ')}`;
  }
  const regions =
    source.regions === 'auto' ? 'every region with Bedrock' : source.regions.join(', ');
  const accounts = source.roles.map(({ arn }) => arn.split(':')[4]);
  return `aws: ${regions}; ${accounts.length === 0 ? 'own credentials' : `account ${accounts.join(', ')}`}`;
}
