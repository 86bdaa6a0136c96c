import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { addAlerts } from './alerts-verbs.ts';
import { addDashboards } from './dashboards-verbs.ts';
import type { AuditOptions } from './audit.ts';
import type { Platform } from './platform.ts';
import type { ExplainOptions } from './explain.ts';
import type { ImportOptions } from './import.ts';
import { addExports } from './export-verbs.ts';
import { addPrices } from './prices-verbs.ts';
import type { VerifyOptions } from './verify.ts';
import { WrongUseError } from './wrong-use.ts';

/**
 * Runs what the arguments ask for. Resolves to the exit status: 0 good, 1 failed, 2 wrong use; what failed is said on
 * stderr.
 * @param argv without node and the script
 */
export async function runCommandLine(platform: Platform, argv: readonly string[]): Promise<number> {
  let status = 0;
  const program = commands(platform, (code) => {
    status = code;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    platform.err.write(`${messageOf(error)}\n`);
    return error instanceof WrongUseError ? 2 : 1;
  }
}

/** The code of a verb is loaded when the verb is called: none pays for the others, and `--help` for none. */
function commands(platform: Platform, done: (status: number) => void): Command {
  const program = new Command('crossbill')
    .usage('<verb> [options]')
    .description('One honest ledger of what models cost across clouds.')
    .version(platform.version, '-V, --version', 'the version')
    .helpOption('-h, --help', 'this text')
    .helpCommand('help [verb]', 'what a verb does and its options')
    // Each verb reads what stands after it, so that `prices show` has options of its own.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => platform.out.write(text),
      writeErr: (text) => platform.err.write(text),
      getOutHelpWidth: () => platform.out.columns,
      getErrHelpWidth: () => platform.err.columns,
    })
    .configureHelp({ subcommandTerm: (verb) => verb.name(), styleTitle: headings })
    .showSuggestionAfterError(true)
    .showHelpAfterError('`crossbill --help` lists the verbs; options stand after the verb.')
    .addHelpText(
      'after',
      '\n`crossbill <verb> --help` tells its options.\nExit status: 0 good, 1 failed, 2 wrong use.',
    );
  const verb = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .showHelpAfterError(`\`crossbill ${name} --help\` tells its options.`);

  verb('run', 'the agent: collects, and serves the API, until Ctrl-C')
    .addOption(configOption)
    .action(async ({ config }: { config: string }) => {
      const { runVerb } = await import('./run.ts');
      done(await runVerb(platform, config));
    });
  verb('demo', 'run against built-in clouds that replay a recorded production hour')
    .option('--listen <address>', 'where the API listens', '127.0.0.1:9870')
    .option('--speed <times>', 'how many times as fast as real time', positive, 1)
    .action(async (options: { listen: string; speed: number }) => {
      const { demoVerb } = await import('./demo.ts');
      done(await demoVerb(platform, options));
    });
  verb('check', 'try the configuration and every right, predict cost and disk; changes nothing')
    .addOption(configOption)
    .option('--offline', 'validate the configuration only, contact nobody')
    .option('--json', 'for programs; secrets are ***')
    .action(async ({ config, json, offline }: CheckFlags) => {
      const { checkVerb } = await import('./check.ts');
      done(await checkVerb(platform, config, { json: json === true, offline: offline === true }));
    });
  verb('backfill', 'fill history, newest first; goes on where an earlier run stopped')
    .addOption(configOption)
    .requiredOption('--from <time>', whens)
    .option('--to <time>', 'the same; now when left out')
    .option('--again', 'read settled hours again too, for what the cloud restated')
    .action(async (options: { config: string; from: string; to?: string; again?: boolean }) => {
      const { backfillVerb } = await import('./backfill.ts');
      done(await backfillVerb(platform, options.config, options));
    });
  verb('import', 'bring in a bill: AWS CUR 2.0 or FOCUS files, as CSV, CSV.gz or Parquet')
    .argument(
      '<files...>',
      'all parts of an export in one call: what it tells of a month replaces the month',
    )
    .addOption(configOption)
    .option('--dry-run', 'read and report, write nothing')
    .option('--json', 'for programs')
    .action(async (files: string[], options: ImportOptions & { readonly config: string }) => {
      const { importVerb } = await import('./import.ts');
      done(await importVerb(platform, options.config, files, options));
    });
  verb('verify', 'fetch random settled hours again and report any difference; changes nothing')
    .addOption(configOption)
    .option('--sample <n>', 'hours of meters to fetch', count, 20)
    .option('--from <time>', `${whens}; all that clouds and ledger keep when left out`)
    .option('--to <time>', 'the same; now when left out')
    .option('--seed <n>', 'draws the same hours again', seed)
    .addOption(new Option('--json', 'for programs').conflicts('csv'))
    .option('--csv', 'the differences, for spreadsheets')
    .action(async (options: VerifyOptions & { readonly config: string }) => {
      const { verifyVerb } = await import('./verify.ts');
      done(await verifyVerb(platform, options.config, options));
    });
  verb('backup', 'copy the ledger into one file, beside a running agent')
    .argument('<file>', 'where to')
    .addOption(configOption)
    .option('--force', 'replace the file if it is there')
    .action(async (file: string, options: { config: string; force?: boolean }) => {
      const { backupVerb } = await import('./copies.ts');
      done(await backupVerb(platform, options.config, file, { force: options.force === true }));
    });
  verb('restore', 'put a backup in the place of the ledger, which is kept beside it')
    .argument('<file>', 'the backup')
    .addOption(configOption)
    .action(async (file: string, options: { config: string }) => {
      const { restoreVerb } = await import('./copies.ts');
      done(await restoreVerb(platform, options.config, file));
    });
  verb('report', 'tokens and money in the terminal')
    .addOption(configOption)
    .option('--from <time>', `${whens}; one day before --to when left out`)
    .option('--to <time>', 'the same; now when left out')
    .option('--by <dimensions>', 'one or more of them, for example cloud,model,tag.team')
    .option('--step <step>', '1m 5m 1h 1d, or total, which it is when left out')
    .addOption(new Option('--json', 'for programs').conflicts('csv'))
    .option('--csv', 'for spreadsheets')
    .action(async (options: ReportFlags) => {
      const { reportVerb } = await import('./report-verb.ts');
      done(await reportVerb(platform, options));
    });
  verb('audit', 'the bill against the meters, day by day, meter by meter')
    .addOption(configOption)
    .option('--from <time>', `${whens}; the first of last month when left out`)
    .option('--to <time>', 'the same; now when left out')
    .option('--evidence <dir>', 'write a pack that can be checked by hand, ids redacted')
    .option('--full', 'with --evidence: the real ids')
    .addOption(new Option('--json', 'for programs').conflicts('csv'))
    .option('--csv', 'every row, for spreadsheets')
    .action(async (options: AuditOptions & { readonly config: string }) => {
      const { auditVerb } = await import('./audit.ts');
      done(await auditVerb(platform, options.config, options));
    });
  verb('explain', 'one figure walked back: readings, contract, prices, arithmetic, commands')
    .addOption(configOption)
    .requiredOption('--model <model>', 'as `report` names it; openai/* for any rest')
    .requiredOption('--at <time>', `any moment of the minute or hour: ${whens}`)
    .option('--step <step>', '1m or 1h; 1m when left out')
    .option('--deployment <name>', 'only this one; so do the following')
    .option('--cloud <cloud>', 'aws or azure')
    .option('--account <account>', 'AWS account or Azure subscription')
    .option('--region <region>', 'a region')
    .option('--routing <routing>', 'in_region, geo, global or data_zone')
    .option('--tier <tier>', 'standard, batch, flex, priority, provisioned or unknown')
    .option('--json', 'for programs')
    .addHelpText('after', '\nExit status: 0 found, 1 nothing at that time, 2 wrong use.')
    .action(async (options: ExplainOptions & { readonly config: string }) => {
      const { explainVerb } = await import('./explain.ts');
      done(await explainVerb(platform, options.config, options));
    });
  addAlerts(verb('alerts', 'whether alerts reach people'), platform, done);
  addExports(verb('export', 'costs as files for other tools'), platform, done);
  addDashboards(verb('dashboards', 'Grafana dashboards and provisioning'), platform, done);
  addPrices(verb('prices', 'the price book, and where each price comes from'), platform, done);
  return program;
}

const configOption = new Option('--config <file>', 'the configuration').default('crossbill.yaml');
const whens = '2026-11-01, 2026-11-01T10:00Z, today, yesterday or -30d';

/** In a help text verbs are called verbs. */
function headings(title: string): string {
  return title.replace('Commands:', 'Verbs:');
}

interface CheckFlags {
  readonly config: string;
  readonly json?: boolean;
  readonly offline?: boolean;
}

export interface ReportFlags {
  readonly config: string;
  readonly from?: string;
  readonly to?: string;
  readonly by?: string;
  readonly step?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
}

function positive(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a number above 0.');
}

function count(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}

function seed(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value < 2 ** 32) return value;
  throw new InvalidArgumentError('It must be a whole number from 0 to 4294967295.');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
