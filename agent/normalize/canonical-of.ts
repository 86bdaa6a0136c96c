import type { Cloud } from '../core/cloud.ts';
import type { Routing } from '../core/dimension.ts';
import { identifyAzure, identifyBedrock } from './identity.ts';

export interface Canonical {
  readonly model: string;
  /** Empty where the id carries none. */
  readonly modelVersion: string;
  /** As far as the id alone says it; an Azure model's name says nothing of it. */
  readonly routing: Routing;
}

/** Which model a cloud's own word for a model means, by the rules alone; undefined where they know none. */
export function canonicalOf(cloud: Cloud, id: string): Canonical | undefined {
  const found =
    cloud === 'aws'
      ? identifyBedrock({ modelId: id, endpoint: 'runtime' }, new Map())
      : identifyAzure({ deployment: id, modelName: id }, new Map());
  if (found.confidence === 'none') return undefined;
  const { model, modelVersion, routing } = found;
  return { model, modelVersion, routing };
}
