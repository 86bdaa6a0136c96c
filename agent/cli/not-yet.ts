import type { Path } from '../config/document.ts';
import type { LoadedConfig } from '../config/load.ts';
import { dottedPath, problemText } from '../config/problems.ts';

interface Part {
  readonly path: Path;
  readonly used: boolean;
  readonly message: string;
}

/**
 * Parts of the configuration that are checked but that this version does not act on, each as a line with its place, so
 * that nobody waits for what cannot come.
 */
export function notYet(loaded: LoadedConfig): readonly string[] {
  const { file, config } = loaded;
  const { sources, prices } = config;
  const parts: readonly Part[] = [
    {
      path: ['currencies'],
      used:
        config.currencies.length > 0 &&
        prices.file === undefined &&
        config.budgets.length === 0 &&
        sources.every(({ collect }) => !collect.includes('bills')),
      message: 'only prices.file, bills and budgets use them, and there are none',
    },
    ...sources.map(({ collect }, index) => ({
      path: ['sources', index, 'collect'],
      used: collect.includes('quotas'),
      message: 'usage and bills are collected, quotas are not by this version yet',
    })),
  ];
  return parts
    .filter(({ used }) => used)
    .map(({ path, message }) =>
      problemText({ file, ...loaded.placeOf(path), path: dottedPath(path), message }),
    )
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}
