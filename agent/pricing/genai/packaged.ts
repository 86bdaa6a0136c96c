import { findProvider } from '@pydantic/genai-prices';
import type { Provider } from '@pydantic/genai-prices';

/**
 * Everything a cloud's models may be priced by, nearest first: its own list, then those its list falls back to. This file
 * holds the only import of the package, which weighs 0.8 MB: load it with `import()`. In a build `packaged-file.ts` stands in
 * for it.
 */
export function packagedProviders(ids: readonly string[]): readonly Provider[] {
  return ids.map((providerId) => {
    const provider = findProvider({ providerId });
    if (provider === undefined) throw new Error(`genai-prices has no provider ${providerId}`);
    return provider;
  });
}
