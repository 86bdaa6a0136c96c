import type { Charge } from '../../agent/core/charge.ts';
import type { NamedTraffic } from '../../agent/core/ledger-rows.ts';
import { tokenWords } from './charge.ts';

/** What is sold: `bedrock:<model id>:<meter>`, `azure-openai:<model>-<version>:<meter>`. Null of what is no sale. */
export function skuIdOf(charge: Charge): string | null {
  const meter = meterOf(charge);
  if (meter === null) return null;
  const { cloud, model, modelVersion, vendorModel } = charge.of;
  if (cloud === 'aws') return `bedrock:${vendorModel || model}:${meter}`;
  const name = model.slice(model.indexOf('/') + 1);
  return `azure-openai:${name}${modelVersion === '' ? '' : `-${modelVersion}`}:${meter}`;
}

/** At which price: the SKU, and what its price depends on. */
export function skuPriceIdOf(charge: Charge): string | null {
  const sku = skuIdOf(charge);
  if (sku === null) return null;
  const { tier, routing, region } = charge.of;
  return [sku, tier, routing, region].join(':');
}

export function skuMeterOf(charge: Charge): string | null {
  if (charge.kind === 'tokens') return tokenWords[charge.amount].meter;
  return charge.kind === 'capacity' ? 'Provisioned Capacity Hours' : null;
}

function meterOf(charge: Charge): string | null {
  if (charge.kind === 'tokens') return tokenWords[charge.amount].sku;
  if (charge.kind !== 'capacity') return null;
  return `provisioned${charge.sku === '' ? '' : `-${charge.sku}`}`;
}

/**
 * Every key is ours: what FOCUS calls a model and a token's direction is not part of a released version up to 1.4.
 * https://focus.finops.org/focus-specification/
 */
export function skuPriceDetailsOf(charge: Charge): string | null {
  const meter = meterOf(charge);
  if (meter === null) return null;
  const { model, modelVersion, tier, routing } = charge.of;
  const slash = model.indexOf('/');
  const words = charge.kind === 'tokens' ? tokenWords[charge.amount] : undefined;
  const details = {
    x_ModelDeveloper: slash < 0 ? '' : model.slice(0, slash),
    x_ModelId: model,
    x_ModelVersion: modelVersion,
    x_TokenDirection: words?.direction ?? '',
    x_TokenCacheAction: words?.cacheAction ?? '',
    x_CapacitySku: charge.kind === 'capacity' ? charge.sku : '',
    x_Tier: tier,
    x_Routing: routing,
  };
  return jsonText(details);
}

/** A JSON object without its empty values; null where none is left. */
export function jsonText(values: Readonly<Record<string, string>>): string | null {
  const told = Object.entries(values).filter(([, value]) => value !== '');
  return told.length === 0 ? null : JSON.stringify(Object.fromEntries(told));
}

/** What a charge is of, where somebody would look for it. */
export interface Resource {
  readonly id: string;
  readonly name: string;
  readonly type: string;
}

/** Null where the charge is of no traffic. */
export function resourceOf(of: NamedTraffic): Resource | null {
  const { cloud, resource, deployment, vendorModel, model, endpoint } = of;
  if (cloud === 'azure') {
    if (deployment === '') return null;
    const id = resource === '' ? deployment : `${resource}/deployments/${deployment}`;
    return { id, name: deployment, type: 'Deployment' };
  }
  if (deployment !== '') {
    const type = endpoint === 'mantle' ? 'Project' : 'Application Inference Profile';
    return { id: deployment, name: deployment, type };
  }
  const name = vendorModel || model;
  return name === '' ? null : { id: name, name, type: 'Model' };
}
