import { catalog } from '../../collectors/azure/catalog.ts';
import type { AzureConfig } from '../../collectors/azure/config.ts';
import { unitsOf } from '../../collectors/azure/definitions.ts';
import { createAzureCollector } from '../../collectors/azure/index.ts';
import type { ApiMeter } from '../../agent/core/api-call.ts';
import type { Collector, CollectRequest, Target } from '../../agent/core/collector.ts';
import type { CatalogRow } from '../../agent/core/meter.ts';
import type { Window } from '../../agent/core/time.ts';
import { scriptedServer } from './azure-server.ts';
import type { Asked, Scripted, ScriptedServer } from './azure-server.ts';

export const subscription = '00000000-0000-0000-0000-000000000001';
export const secretToken = 'static-token-9f31';
export const noon = Date.parse('2026-11-20T12:00:00Z');

/** An hour-long window before noon, or its last minutes. */
export function lastMinutes(minutes: number): Window {
  return { start: noon - minutes * 60_000, end: noon };
}

export function accountId(name: string, group = 'rg-ai', of = subscription): string {
  return `/subscriptions/${of}/resourceGroups/${group}/providers/Microsoft.CognitiveServices/accounts/${name}`;
}

export function collectorAt(
  endpoint: string,
  rest: Partial<AzureConfig> = {},
  now: () => number = () => noon,
  meter?: ApiMeter,
): Collector {
  return createAzureCollector(
    {
      name: 'prod-azure',
      credential: { kind: 'static_token', token: () => secretToken },
      endpoint,
      ...rest,
    },
    { now, ...(meter && { meter }) },
  );
}

function definedBy(rows: readonly CatalogRow[]) {
  return rows.flatMap((row) =>
    row.metricNames.map((name) => ({
      name,
      dimensions: row.dimensions.map((dimension) => dimension.replace('?', '')),
    })),
  );
}

/** Every metric of the catalog with every dimension it may be split by. */
export const allDefined = definedBy(catalog);
/** Those of an account that defines one of the two families only. */
export const openaiDefined = definedBy(catalog.filter((row) => row.vocabulary === 0));
export const modelsDefined = definedBy(catalog.filter((row) => row.vocabulary === 1));

export function targetOf(resource = 'aoai-1', defined = allDefined): Target {
  return {
    id: `prod-azure/${subscription}/eastus/${resource}`,
    source: 'prod-azure',
    cloud: 'azure',
    account: subscription,
    region: 'eastus',
    resource,
    labels: { resource_id: accountId(resource), resource_group: 'rg-ai' },
    rows: catalog,
    units: unitsOf(catalog, defined).units,
    rememberUnits: false,
    retention: [],
  };
}

/** A request for the units of these metrics, in the order given. */
export function requestOf(
  metrics: readonly string[],
  window = lastMinutes(3),
  target = targetOf(),
): CollectRequest {
  const units = metrics.map((metric) => {
    const unit = target.units.find((one) => one.metric === metric);
    if (unit === undefined) throw new Error(`no unit of ${metric}`);
    return unit;
  });
  return { target, units, window, periodSeconds: 60 };
}

/** What a promise is rejected with; fails when it is not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    () => ({ thrown: undefined, fulfilled: true }),
    (thrown: unknown) => ({ thrown, fulfilled: false }),
  );
  if (outcome.fulfilled) throw new Error('expected a rejection');
  return outcome.thrown;
}

/** Scripted servers with a collector at each, all ended by `close`. */
export function azureSources() {
  const open: { close(): Promise<void> }[] = [];
  return {
    async start(
      script: (asked: Asked) => Scripted | Promise<Scripted>,
      rest: Partial<AzureConfig> = {},
      now: () => number = () => noon,
      meter?: ApiMeter,
    ): Promise<{ readonly server: ScriptedServer; readonly collector: Collector }> {
      const server = await scriptedServer(script);
      const collector = collectorAt(server.url, rest, now, meter);
      open.push(server, collector);
      return { server, collector };
    },
    async close(): Promise<void> {
      await Promise.all(open.splice(0).map((one) => one.close()));
    },
  };
}
