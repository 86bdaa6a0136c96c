import type { LoadedConfig } from '../config/load.ts';
import { problemText } from '../config/problems.ts';

/**
 * Parts of the configuration that are checked but that this version does not act on, each as a line with its place, so
 * that nobody waits for an alert that cannot come.
 */
export function notYet(loaded: LoadedConfig): readonly string[] {
  const { file, config } = loaded;
  const remarks: readonly (readonly [path: string, used: boolean, what: string])[] = [
    ['budgets', config.budgets.length > 0, 'budgets are'],
    ['rules', config.rules.length > 0, 'rules are'],
    ['notifiers', config.notifiers.length > 0, 'notifiers are'],
    ['exporters', config.exporters.length > 0, 'metrics to OTLP (traces are sent) are'],
    ['currencies', config.currencies.length > 0, 'currencies are'],
    ['prices', config.prices.file !== undefined, 'a price file is'],
    ['api_spend_limit', config.apiSpendLimit !== 'auto', 'a spend limit is'],
    [
      'sources',
      config.sources.some((source) => source.collect.some((what) => what !== 'usage')),
      'bills and quotas are',
    ],
  ];
  return remarks
    .filter(([, used]) => used)
    .map(([path, , what]) =>
      problemText({
        file,
        ...loaded.placeOf([path]),
        path,
        message: `${what} checked but not acted on by this version`,
      }),
    );
}
