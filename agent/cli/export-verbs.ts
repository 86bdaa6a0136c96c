import { Option } from 'commander';
import type { Command } from 'commander';
import { focusVersions } from '../core/focus.ts';
import type { ExportFocusOptions } from './export-focus.ts';
import type { Platform } from './platform.ts';

/** `export` and what may stand after it. */
export function addExports(
  exports: Command,
  platform: Platform,
  done: (status: number) => void,
): void {
  exports
    .command('focus')
    .description('costs as a FOCUS file: whole UTC days, estimated, beside a running agent')
    .showHelpAfterError('`crossbill export focus --help` tells its options.')
    .option('--config <file>', 'the configuration', 'crossbill.yaml')
    .requiredOption('--out <file>', '.csv, .parquet, either with .gz after it; - for CSV on stdout')
    .option('--from <time>', '2026-11-01, today, -30d; the first of this month when left out')
    .option('--to <time>', 'the same, exclusive; now when left out')
    .addOption(
      new Option('--version <version>', 'of FOCUS')
        .choices(focusVersions)
        .default(focusVersions[0]),
    )
    .addOption(
      new Option('--step <step>', 'length of a charge period').choices(['1h', '1d']).default('1d'),
    )
    .action(async (options: ExportFocusOptions & { readonly config: string }) => {
      const { exportFocusVerb } = await import('./export-focus.ts');
      done(await exportFocusVerb(platform, options.config, options));
    });
}
