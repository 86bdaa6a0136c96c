import { describe, expect, it } from 'vitest';
import { providersOf } from '../../../agent/pricing/genai/default-prices.ts';
import { providersIn } from '../../../agent/pricing/genai/packaged-file.ts';
import { packagedProviders } from '../../../agent/pricing/genai/packaged.ts';

/** As the build writes it. */
const ids = [...providersOf.aws, ...providersOf.azure];
const text = packagedProviders(ids)
  .map((provider) => `${provider.id}\t${JSON.stringify(provider)}\n`)
  .join('');

describe('the price package as a file', () => {
  it.each(Object.entries(providersOf))('says of %s what the package says', (_, wanted) => {
    expect(providersIn(text, wanted)).toStrictEqual(packagedProviders(wanted));
  });

  it('names a provider that it lacks', () => {
    expect(() => providersIn(text, ['aws', 'elsewhere'])).toThrow('no provider elsewhere');
  });
});
