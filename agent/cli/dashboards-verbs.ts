import type { Command } from 'commander';
import type { DashboardsExportOptions } from './dashboards-export.ts';
import type { Platform } from './platform.ts';

/** What may stand after `dashboards`. */
export function addDashboards(
  dashboards: Command,
  platform: Platform,
  done: (status: number) => void,
): void {
  dashboards.enablePositionalOptions();
  dashboards
    .command('export')
    .description('write the dashboards and what provisions them, as files for Grafana to read')
    .showHelpAfterError('`crossbill dashboards export --help` tells its options.')
    .argument('<dir>', 'where to; files of the same names are replaced')
    .option('--url <url>', 'where Grafana reaches the agent; public_url or listen when left out')
    .option('--dashboards-path <path>', 'where Grafana finds <dir>/dashboards')
    .option('--config <file>', 'the configuration; not read with --url', 'crossbill.yaml')
    .action(async (folder: string, options: DashboardsExportOptions) => {
      const { dashboardsExportVerb } = await import('./dashboards-export.ts');
      done(await dashboardsExportVerb(platform, folder, options));
    });
  dashboards
    .command('push')
    .description('put the dashboards into a running Grafana; GRAFANA_TOKEN holds its token')
    .showHelpAfterError('`crossbill dashboards push --help` tells its options.')
    .argument('<url>', 'of Grafana, for example https://grafana.example.com')
    .option('--folder <uid>', 'the folder they go to; made if it is not there', 'crossbill')
    .addHelpText(
      'after',
      '\nThe token is of a service account that may write dashboards and folders.\n' +
        'Exit status: 0 all of them are there, 1 not, 2 wrong use.',
    )
    .action(async (url: string, options: { readonly folder: string }) => {
      const { dashboardsPushVerb } = await import('./dashboards-push.ts');
      done(await dashboardsPushVerb(platform, url, options.folder));
    });
}
