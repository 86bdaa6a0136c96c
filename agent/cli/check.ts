import type { LoadedConfig } from '../config/load.ts';
import { describeConfig } from '../config/describe.ts';
import type { Config } from '../config/schema.ts';
import type { SourceConfig } from '../config/sources.ts';
import { toUsd } from '../core/money.ts';
import type { Clock } from '../core/time.ts';
import { forecastText, diskText } from './check-forecast-table.ts';
import { forecastAll } from './check-outlook.ts';
import type { Outlook } from './check-outlook.ts';
import { grantBlocks } from './check-grants.ts';
import { rightsText } from './check-grid.ts';
import { isMissing, tryRights } from './check-rights.ts';
import type { OpenSource, SourceRights } from './check-rights.ts';
import { ruleDoubts } from './check-rules.ts';
import { openBillCollector } from './bill-collectors.ts';
import { demoCredentials, isDemoLedger } from './demo-config.ts';
import { formatAge, formatTable } from './format.ts';
import { notYet } from './not-yet.ts';
import type { Platform } from './platform.ts';
import { checkPrices } from './price-book.ts';
import { collectSettingsOf, readConfig } from './settings.ts';

export interface CheckOptions {
  readonly json: boolean;
  /** Whether to look at the configuration only, and contact nobody. */
  readonly offline: boolean;
}

/** Rights are tried so long, and sources listed so long after that. */
const withinMs = 30_000;

/**
 * `crossbill check`: validates the configuration, tries every right of every source, and tells what reading will cost
 * and how large the ledger gets. Changes nothing. Resolves to 1 where anything is missing.
 */
export async function checkVerb(
  platform: Platform,
  configPath: string,
  options: CheckOptions,
): Promise<number> {
  const loaded = readConfig(platform, configPath);
  await checkPrices(platform, loaded.config);
  const clock = platform.createClock();
  const { sources, problems } = await openSources(platform, loaded.config, clock);
  try {
    for (const problem of problems) platform.err.write(`${problem}\n`);
    const valid = problems.length === 0;
    if (!options.json && valid) platform.out.write(configText(loaded));
    if (!valid || options.offline) {
      if (options.json) writeJson(platform, { ...configJson(loaded, problems), offline: true });
      return valid ? 0 : 1;
    }
    if (platform.err.isTerminal) platform.err.write('asking the clouds …\n');
    const rights = await tryRights(sources, clock, withinMs, platform.signal);
    const outlook = await forecastAll(platform, loaded.config, sources, clock, withinMs);
    if (platform.signal.aborted) {
      platform.err.write('stopped before everything was tried; nothing was changed\n');
      return 1;
    }
    if (options.json) writeJson(platform, answerJson(loaded, rights, outlook));
    else platform.out.write(answerText(platform, loaded, rights, outlook));
    return rights.some(({ permissions }) => permissions.some(isMissing)) ? 1 : 0;
  } finally {
    const opened = sources.flatMap(({ collector, bills }) =>
      bills === undefined ? [collector] : [collector, bills],
    );
    await Promise.allSettled(opened.map((one) => one.close()));
  }
}

/** What keeps a source from being started, a variable of the environment say, is a problem. */
async function openSources(
  platform: Platform,
  config: Config,
  clock: Clock,
): Promise<{ readonly sources: readonly OpenSource[]; readonly problems: readonly string[] }> {
  const builtIn = isDemoLedger(config.ledger.path) ? demoCredentials : undefined;
  const tried = await Promise.allSettled(
    config.sources.map(async (source): Promise<OpenSource> => {
      const collector = await platform.createCollector(source, clock, builtIn);
      const bills = await openBillCollector(platform, source, { clock, builtIn });
      return { config: source, collector, bills };
    }),
  );
  return {
    sources: tried.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
    problems: tried
      .filter((one) => one.status === 'rejected')
      .map(({ reason }) => (reason instanceof Error ? reason.message : String(reason))),
  };
}

function configText(loaded: LoadedConfig): string {
  const remarks = [...notYet(loaded), ...ruleDoubts(loaded, undefined)].map(
    (remark) => `note: ${remark}\n`,
  );
  const rest = remarks.length === 0 ? '' : `\n${remarks.join('')}`;
  return `${loaded.file}: the configuration is valid\n\n${overview(loaded.config)}\n${rest}`;
}

function configJson(loaded: LoadedConfig, problems: readonly string[], rows?: Outlook['rows']) {
  const { file, config } = loaded;
  const valid = problems.length === 0;
  const remarks = [...notYet(loaded), ...ruleDoubts(loaded, rows)];
  return { file, valid, problems, remarks, config: describeConfig(config) };
}

function answerText(
  { out }: Platform,
  loaded: LoadedConfig,
  rights: readonly SourceRights[],
  { sources, disk, failures, rows }: Outlook,
): string {
  const told = new Set(ruleDoubts(loaded, undefined));
  const doubts = ruleDoubts(loaded, rows).filter((doubt) => !told.has(doubt));
  const width = out.isTerminal ? out.columns : Number.POSITIVE_INFINITY;
  const blocks = [
    ...rights.map((one) => rightsText(one, width)),
    verdict(rights),
    forecastText(sources, width),
    ...unlisted(rights, failures),
    ...(doubts.length === 0 ? [] : [doubts.map((doubt) => `note: ${doubt}`).join('\n')]),
    ...(disk === undefined ? [] : [diskText(disk, width)]),
  ];
  return `\n${blocks.join('\n\n')}\n`;
}

/** What is not in the forecast; where rights are missing, they are the reason and stand above. */
function unlisted(
  rights: readonly SourceRights[],
  failures: Outlook['failures'],
): readonly string[] {
  const explained = new Set(
    rights.filter(({ permissions }) => permissions.some(isMissing)).map(({ source }) => source),
  );
  const names = new Set(failures.map(({ source }) => source).filter((name) => explained.has(name)));
  return [
    ...Array.from(names, (name) => `${name}: what is denied above is not in this forecast`),
    ...failures.filter(({ source }) => !explained.has(source)).map(({ text }) => text),
  ];
}

function verdict(rights: readonly SourceRights[]): string {
  const all = rights.flatMap(({ permissions }) => permissions);
  const count = (state: string) => all.filter((one) => one.state === state).length;
  const missing = all.filter(isMissing).length;
  const tried = count('ok') + count('denied') + count('failed');
  if (missing === 0) return `${tried} rights tried, none is missing`;
  const late = all.filter(({ untried }) => untried === 'out_of_time').length;
  const parts = [`${count('denied')} denied`, `${count('failed')} failed`];
  if (late > 0) parts.push(`${late} not tried for want of time`);
  return `${tried} rights tried: ${parts.join(', ')}`;
}

function answerJson(
  loaded: LoadedConfig,
  rights: readonly SourceRights[],
  { sources, disk, failures, rows }: Outlook,
) {
  return {
    ...configJson(loaded, [], rows),
    offline: false,
    missing: rights.flatMap(({ permissions }) => permissions.filter(isMissing)).length,
    rights: rights.map(({ source, cloud, permissions }) => ({
      source,
      cloud,
      permissions: permissions.map(({ untried, ...rest }) => ({
        ...rest,
        ...(untried === undefined ? {} : { untried }),
      })),
      grants: grantBlocks(cloud, permissions),
    })),
    forecast: sources.map(({ source, forecast }) => ({
      source,
      ...(forecast === undefined
        ? { listed: false }
        : {
            listed: true,
            targets: forecast.targets,
            meters: forecast.meters,
            every_seconds: forecast.everySeconds,
            calls_per_day: forecast.callsPerDay,
            usd_per_day: toUsd(forecast.costNanoUsdPerDay),
            usd_per_30_days: toUsd(forecast.costNanoUsdPerDay * 30n),
            limit_usd_per_day: toUsd(forecast.limitNanoUsdPerDay),
            limit_is_auto: forecast.limitIsAuto,
            bill_scopes: forecast.bills.scopes,
            bills_usd_per_day: toUsd(forecast.bills.costNanoUsdPerDay),
            history_calls: forecast.history.calls,
            history_usd: toUsd(forecast.history.costNanoUsd),
          }),
    })),
    forecast_failures: failures.map(({ text }) => text),
    disk: disk === undefined ? null : { ...disk },
  };
}

function writeJson({ out }: Platform, answer: object): void {
  out.write(`${JSON.stringify(answer, null, 2)}\n`);
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
