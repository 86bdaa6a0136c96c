import type { CanonicalOf } from '../../agent/core/price-list.ts';
import { identifyAzure, identifyBedrock } from '../../agent/normalize/identity.ts';

/** As the process wires it: what the ledger's identities are made by. */
export const canonicalOfBedrock: CanonicalOf = (modelId) => {
  const { model, modelVersion, confidence } = identifyBedrock(
    { modelId, endpoint: 'runtime' },
    new Map(),
  );
  return confidence === 'none' ? undefined : { model, modelVersion };
};

export const canonicalOfAzure: CanonicalOf = (modelName, version) => {
  const { model, modelVersion, confidence } = identifyAzure(
    { deployment: '', modelName, modelVersion: version },
    new Map(),
  );
  return confidence === 'none' ? undefined : { model, modelVersion };
};
