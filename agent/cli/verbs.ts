import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { ConfigError } from '../config/problems.ts';
import { backfillVerb } from './backfill.ts';
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
    return error instanceof ConfigError || error instanceof WrongUseError ? 2 : 1;
  }
}

function commands(platform: Platform, done: (status: number) => void): Command {
  const program = new Command('crossbill')
    .description('One honest ledger of what models cost across clouds.')
    .version(platform.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => platform.out.write(text),
      writeErr: (text) => platform.err.write(text),
    })
    .showSuggestionAfterError(true)
    .showHelpAfterError('Run `crossbill --help` for the verbs.');
  const verb = (name: string, description: string) => {
    const command = program.command(name).description(description);
    command.addOption(configOption);
    return command;
  };

  verb('run', 'the agent: collect and serve').action(async ({ config }: { config: string }) =>
    done(await runVerb(platform, config)),
  );
  program
    .command('demo')
    .description('run against built-in clouds that replay a recorded production hour')
    .option('--listen <address>', 'where the API listens', '127.0.0.1:9870')
    .option('--speed <times>', 'how fast the demo world runs', positive, 1)
    .action(async (options: { listen: string; speed: number }) =>
      done(await demoVerb(platform, options)),
    );
  verb('check', 'validate the configuration; changes nothing')
    .option('--json', 'for programs')
    .action(async ({ config, json }: { config: string; json?: boolean }) =>
      done(await checkVerb(platform, config, { json: json === true })),
    );
  verb('backfill', 'fill history, newest first; goes on where an earlier run stopped')
    .requiredOption('--from <time>', 'ISO 8601, or -30d')
    .option('--to <time>', 'ISO 8601, or -1d; now when left out')
    .action(async (options: { config: string; from: string; to?: string }) =>
      done(await backfillVerb(platform, options.config, options)),
    );
  verb('report', 'tokens and money in the terminal')
    .option('--from <time>', 'ISO 8601, -24h, today, yesterday')
    .option('--to <time>', 'the same; now when left out')
    .option('--by <dimensions>', 'for example cloud,model')
    .option('--step <step>', '1m 5m 1h 1d total')
    .addOption(new Option('--json', 'for programs').conflicts('csv'))
    .option('--csv', 'for spreadsheets')
    .action(async (options: ReportFlags) => done(await reportVerb(platform, options)));
  return program;
}

const configOption = new Option('--config <file>', 'the configuration').default('crossbill.yaml');

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
