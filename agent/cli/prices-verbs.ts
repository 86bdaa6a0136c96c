import { Option } from 'commander';
import type { Command } from 'commander';
import { suggestion } from '../config/nearest.ts';
import type { Cloud } from '../core/cloud.ts';
import type { Platform } from './platform.ts';
import type { ShowOptions } from './prices-show.ts';
import { WrongUseError } from './wrong-use.ts';

interface Common {
  readonly config: string;
  readonly json?: boolean;
}

const words = ['show', 'update', 'diff', 'accept'] as const;

/** `prices` and what may stand after it. */
export function addPrices(
  prices: Command,
  platform: Platform,
  done: (status: number) => void,
): void {
  const word = (name: (typeof words)[number], description: string) =>
    prices
      .command(name)
      .description(description)
      .showHelpAfterError(`\`crossbill prices ${name} --help\` tells its options.`)
      .option('--config <file>', 'the configuration', 'crossbill.yaml');

  prices
    .enablePositionalOptions()
    .usage(`[${words.join(' | ')}] [options]`)
    .option('--config <file>', 'the configuration', 'crossbill.yaml')
    .option('--json', 'for programs')
    .argument('[word]')
    .action(async (other: string | undefined, options: Common) => {
      if (other !== undefined) {
        throw new WrongUseError(
          `prices: ${JSON.stringify(other)} is nothing it does; ${suggestion(other, words)}`,
        );
      }
      const { pricesVerb } = await import('./prices.ts');
      done(await pricesVerb(platform, options.config, { json: options.json === true }));
    });
  word('show', 'explain step by step which price holds for a model')
    .argument('<model>', 'canonical, or as a cloud names it')
    .addOption(cloudOption('--cloud', "of this cloud's traffic"))
    .option('--region <region>', 'of traffic in this region')
    .addOption(
      new Option('--routing <routing>', 'of traffic so routed').choices([
        'in_region',
        'geo',
        'global',
        'data_zone',
        'unknown',
      ]),
    )
    .addOption(
      new Option('--tier <tier>', 'of traffic of this tier').choices([
        'standard',
        'batch',
        'flex',
        'priority',
        'provisioned',
        'unknown',
      ]),
    )
    .option('--account <id>', 'of this AWS account or Azure subscription')
    .option('--at <time>', 'by the prices of this time; now when left out')
    .option('--all', 'list the prices of other traffic one by one')
    .option('--json', 'for programs, every step')
    .action(
      async (model: string, { config, ...asked }: Partial<ShowOptions> & Common, own: Command) => {
        onlyAfter(own, 'show');
        const options = { ...asked, all: asked.all === true, json: asked.json === true };
        const { pricesShowVerb } = await import('./prices-show.ts');
        done(await pricesShowVerb(platform, config, model, options));
      },
    );
  word('update', "fetch the clouds' price lists, and take what they change once you agree")
    .addOption(cloudOption('--source', 'only the list of this cloud'))
    .option('--yes', 'agree; where nobody can be asked, nothing is taken without it')
    .option('--json', 'for programs')
    .action(async (options: Common & { source?: Cloud; yes?: boolean }, own: Command) => {
      onlyAfter(own, 'update');
      const { config, source, yes } = options;
      const { pricesUpdateVerb } = await import('./prices-update.ts');
      done(
        await pricesUpdateVerb(platform, config, {
          ...(source === undefined ? {} : { source }),
          yes: yes === true,
          json: options.json === true,
        }),
      );
    });
  word('diff', 'what the lists last said and the book does not; asks nobody')
    .addOption(cloudOption('--source', 'only the list of this cloud'))
    .option('--json', 'for programs')
    .action(async (options: Common & { source?: Cloud }, own: Command) => {
      onlyAfter(own, 'diff');
      const { config, source } = options;
      const chosen = source === undefined ? {} : { source };
      const { pricesDiffVerb } = await import('./prices-diff.ts');
      done(await pricesDiffVerb(platform, config, { ...chosen, json: options.json === true }));
    });
  word('accept', 'take changes that wait for you, and rate anew')
    .argument('[id...]', 'as `prices diff` shows them')
    .option('--model <glob>', 'all of these models, for example openai/*')
    .option('--all', 'all there are')
    .option('--json', 'for programs')
    .action(
      async (
        ids: readonly string[],
        options: Common & { model?: string; all?: boolean },
        own: Command,
      ) => {
        onlyAfter(own, 'accept');
        const { config, model, all } = options;
        const chosen = { ids, all: all === true, ...(model === undefined ? {} : { model }) };
        const { pricesAcceptVerb } = await import('./prices-accept.ts');
        done(await pricesAcceptVerb(platform, config, { ...chosen, json: options.json === true }));
      },
    );
}

function cloudOption(name: string, description: string): Option {
  return new Option(`${name} <cloud>`, description).choices(['aws', 'azure']);
}

/** An option that stands before the word would be the summary's, and be lost. */
function onlyAfter(own: Command, word: string): void {
  const { parent } = own;
  const lost = ['config', 'json'].find((name) => parent?.getOptionValueSource(name) === 'cli');
  if (lost === undefined) return;
  throw new WrongUseError(`prices: write --${lost} after ${word}`);
}
