import { cannotFire } from '../alerts/rules/cannot-fire.ts';
import type { LoadedConfig } from '../config/load.ts';
import { dottedPath, problemText } from '../config/problems.ts';
import type { CatalogRow } from '../core/meter.ts';

/**
 * Rules that can never fire or say something without effect, each as a line with its place.
 * @param rows of the catalogs of everything that was listed; undefined: nothing was
 */
export function ruleDoubts(
  loaded: LoadedConfig,
  rows: readonly CatalogRow[] | undefined,
): readonly string[] {
  const { file, config } = loaded;
  const { rules, sources, notifiers, prices } = config;
  const world = {
    collects: new Set(sources.flatMap(({ collect }) => collect)),
    notifiers: notifiers.length,
    rows,
    pricesUpdate: prices.update,
  };
  return rules.flatMap((rule, index) =>
    cannotFire([rule], world).map(({ message }) => {
      const path = ['rules', index];
      return problemText({ file, ...loaded.placeOf(path), path: dottedPath(path), message });
    }),
  );
}
