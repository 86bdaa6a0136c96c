import type { Path } from '../config/document.ts';
import type { LoadedConfig } from '../config/load.ts';
import { dottedPath, problemText } from '../config/problems.ts';

interface Part {
  readonly path: Path;
  readonly used: boolean;
  /** Where some of it is acted on. */
  readonly message?: string;
}

const notActedOn = 'checked, but this version does not act on it yet';

/**
 * Parts of the configuration that are checked but that this version does not act on, each as a line with its place, so
 * that nobody waits for an alert that cannot come.
 */
export function notYet(loaded: LoadedConfig): readonly string[] {
  const { file, config } = loaded;
  const { sources, prices } = config;
  const parts: readonly Part[] = [
    { path: ['budgets'], used: config.budgets.length > 0 },
    { path: ['rules'], used: config.rules.length > 0 },
    { path: ['notifiers'], used: config.notifiers.length > 0 },
    {
      path: ['exporters'],
      used: config.exporters.length > 0,
      message: 'traces are sent, metrics are not sent by this version yet',
    },
    {
      path: ['currencies'],
      used: config.currencies.length > 0 && prices.file === undefined,
      message: 'only prices.file uses them in this version, and there is none',
    },
    ...sources.map(({ collect }, index) => ({
      path: ['sources', index, 'collect'],
      used: collect.some((what) => what !== 'usage'),
      message: 'usage is collected, bills and quotas are not by this version yet',
    })),
  ];
  return parts
    .filter(({ used }) => used)
    .map(({ path, message = notActedOn }) =>
      problemText({ file, ...loaded.placeOf(path), path: dottedPath(path), message }),
    )
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}
