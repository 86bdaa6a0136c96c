import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { backfillVerb } from './backfill.ts';
import { backupVerb, restoreVerb } from './copies.ts';
import { checkVerb } from './check.ts';
import { demoVerb } from './demo.ts';
import type { Platform } from './platform.ts';
import { reportVerb } from './report-verb.ts';
import { runVerb } from './run.ts';
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

function commands(platform: Platform, done: (status: number) => void): Command {
  const program = new Command('crossbill')
    .usage('<verb> [options]')
    .description('One honest ledger of what models cost across clouds.')
    .version(platform.version, '-V, --version', 'the version')
    .helpOption('-h, --help', 'this text')
    .helpCommand('help [verb]', 'what a verb does and its options')
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
    .action(async ({ config }: { config: string }) => done(await runVerb(platform, config)));
  verb('demo', 'run against built-in clouds that replay a recorded production hour')
    .option('--listen <address>', 'where the API listens', '127.0.0.1:9870')
    .option('--speed <times>', 'how many times as fast as real time', positive, 1)
    .action(async (options: { listen: string; speed: number }) =>
      done(await demoVerb(platform, options)),
    );
  verb('check', 'validate the configuration; contacts no cloud, changes nothing')
    .addOption(configOption)
    .option('--json', 'for programs; secrets are ***')
    .action(async ({ config, json }: { config: string; json?: boolean }) =>
      done(await checkVerb(platform, config, { json: json === true })),
    );
  verb('backfill', 'fill history, newest first; goes on where an earlier run stopped')
    .addOption(configOption)
    .requiredOption('--from <time>', whens)
    .option('--to <time>', 'the same; now when left out')
    .action(async (options: { config: string; from: string; to?: string }) =>
      done(await backfillVerb(platform, options.config, options)),
    );
  verb('backup', 'copy the ledger into one file, beside a running agent')
    .argument('<file>', 'where to')
    .addOption(configOption)
    .option('--force', 'replace the file if it is there')
    .action(async (file: string, options: { config: string; force?: boolean }) =>
      done(await backupVerb(platform, options.config, file, { force: options.force === true })),
    );
  verb('restore', 'put a backup in the place of the ledger, which is kept beside it')
    .argument('<file>', 'the backup')
    .addOption(configOption)
    .action(async (file: string, options: { config: string }) =>
      done(await restoreVerb(platform, options.config, file)),
    );
  verb('report', 'tokens and money in the terminal')
    .addOption(configOption)
    .option('--from <time>', `${whens}; one day before --to when left out`)
    .option('--to <time>', 'the same; now when left out')
    .option('--by <dimensions>', 'one or more of them, for example cloud,model,tag.team')
    .option('--step <step>', '1m 5m 1h 1d, or total, which it is when left out')
    .addOption(new Option('--json', 'for programs').conflicts('csv'))
    .option('--csv', 'for spreadsheets')
    .action(async (options: ReportFlags) => done(await reportVerb(platform, options)));
  return program;
}

const configOption = new Option('--config <file>', 'the configuration').default('crossbill.yaml');
const whens = '2026-11-01, 2026-11-01T10:00Z, today, yesterday or -30d';

/** In a help text verbs are called verbs. */
function headings(title: string): string {
  return title.replace('Commands:', 'Verbs:');
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
