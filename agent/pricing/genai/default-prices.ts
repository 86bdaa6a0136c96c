import type { Cloud } from '../../core/cloud.ts';
import type { Price } from '../../core/price.ts';
import { bookOf } from './book.ts';
import type { CanonicalOf, DefaultBook } from './book.ts';
import { packagedEdition } from './edition.ts';

/** Nearest first: where a cloud's own list is silent, the developers whose prices it follows. */
export const providersOf: Readonly<Record<Cloud, readonly string[]>> = {
  aws: ['aws'],
  azure: ['azure', 'openai', 'anthropic', 'deepseek', 'x-ai', 'moonshotai'],
};

/** The prices that need no network, and which of the package's entries price nothing. Loads the package, or in a build its data, when called. */
export async function defaultBook(canonicalOf: CanonicalOf): Promise<DefaultBook> {
  const { packagedProviders } = await import('./packaged.ts');
  const edition = packagedEdition;
  const aws = bookOf('aws', packagedProviders(providersOf.aws), canonicalOf, edition);
  const azure = bookOf('azure', packagedProviders(providersOf.azure), canonicalOf, edition);
  return {
    prices: [...aws.prices, ...azure.prices],
    leftOut: [...aws.leftOut, ...azure.leftOut],
  };
}

export async function defaultPrices(canonicalOf: CanonicalOf): Promise<readonly Price[]> {
  return (await defaultBook(canonicalOf)).prices;
}
