import type { Command } from 'commander';
import type { Platform } from './platform.ts';

/** What may stand after `alerts`. */
export function addAlerts(
  alerts: Command,
  platform: Platform,
  done: (status: number) => void,
): void {
  alerts
    .enablePositionalOptions()
    .command('test')
    .description('send a test message to a notifier, and print what the other side answered')
    .showHelpAfterError('`crossbill alerts test --help` tells its options.')
    .argument('<notifier>', 'its name in the configuration')
    .option('--config <file>', 'the configuration', 'crossbill.yaml')
    .option('--json', 'for programs')
    .addHelpText('after', '\nExit status: 0 delivered, 1 not delivered, 2 wrong use.')
    .action(async (name: string, options: { readonly config: string; readonly json?: boolean }) => {
      const { alertsTestVerb } = await import('./alerts-test.ts');
      done(await alertsTestVerb(platform, options.config, name, { json: options.json === true }));
    });
}
