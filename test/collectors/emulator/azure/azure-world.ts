import { z } from 'zod';
import { startAzure } from '../../../../collectors/emulator/azure/server.ts';
import type { AzureOptions } from '../../../../collectors/emulator/azure/server.ts';
import type { Faults } from '../../../../collectors/emulator/faults.ts';
import { azureLanes } from '../../../../collectors/emulator/lanes-azure.ts';
import type { Lane, Traffic } from '../../../../collectors/emulator/lane.ts';
import { createWorld } from '../../../../collectors/emulator/world.ts';
import { laneOf, scriptedTraffic } from '../scripted-traffic.ts';
import type { Scripted } from '../scripted-traffic.ts';

export const noon = Date.parse('2026-11-20T12:00:00Z');
export const subscription = '00000000-0000-0000-0000-000000000001';
export const east = `/subscriptions/${subscription}/resourceGroups/rg-ai/providers/Microsoft.CognitiveServices/accounts/aoai-east`;
export const sweden = `/subscriptions/${subscription}/resourceGroups/rg-ai-eu/providers/Microsoft.CognitiveServices/accounts/foundry-sweden`;

export function azureLane(idEnd: string): Lane {
  return laneOf(idEnd, azureLanes);
}

/** A minute `ago` minutes before noon, in the middle. */
export function minutesBeforeNoon(ago: number): number {
  return noon - ago * 60_000 + 30_000;
}

export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly json: unknown;
}

interface Serving extends AzureOptions {
  readonly settled?: boolean;
  readonly faults?: Faults;
  readonly now?: () => number;
  readonly traffic?: Traffic;
}

const metrics = z.object({
  timespan: z.string(),
  interval: z.string(),
  value: z.array(
    z.object({
      name: z.object({ value: z.string() }),
      errorCode: z.string(),
      timeseries: z.array(
        z.object({
          metadatavalues: z.array(
            z.object({ name: z.object({ value: z.string() }), value: z.string() }),
          ),
          data: z.array(z.looseObject({ timeStamp: z.string(), total: z.number().optional() })),
        }),
      ),
    }),
  ),
});

/** A metrics answer, checked for the shape a client relies on. */
export function metricsOf(answered: Answered): z.infer<typeof metrics> {
  return metrics.parse(answered.json);
}

/** `chat|200` → sum of the totals, by metric. */
export function totalsOf(
  answered: Answered,
): Readonly<Record<string, Readonly<Record<string, number>>>> {
  return Object.fromEntries(
    metricsOf(answered).value.map(({ name, timeseries }) => [
      name.value,
      Object.fromEntries(
        timeseries.map((series) => [
          series.metadatavalues.map(({ value }) => value).join('|'),
          series.data.reduce((sum, point) => sum + (point.total ?? 0), 0),
        ]),
      ),
    ]),
  );
}

interface Init {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Azure on loopback over just the requests told, settled unless said otherwise. */
export async function serveAzure(requests: readonly Scripted[], rest: Serving = {}) {
  const { settled = true, faults, now = () => noon, traffic, ...options } = rest;
  const world = createWorld({
    traffic: traffic ?? scriptedTraffic(azureLanes, requests),
    now,
    settled,
    ...(faults === undefined ? {} : { faults }),
  });
  const server = await startAzure(world, options);
  const call = async (path: string, init: Init = {}): Promise<Answered> => {
    const headers = { authorization: 'Bearer any', ...init.headers };
    const response = await fetch(`${server.url}${path}`, { ...init, headers });
    const text = await response.text();
    return { status: response.status, text, json: text.startsWith('{') ? JSON.parse(text) : text };
  };
  return {
    url: server.url,
    close: () => server.close(),
    call,
    /** Ten minutes to noon, of all series, unless the parameters say otherwise. */
    query: (
      metricNames: string,
      parameters: Readonly<Record<string, string>> = {},
      account = east,
    ): Promise<Answered> => {
      const query = new URLSearchParams({
        timespan: '2026-11-20T11:50:00Z/2026-11-20T12:00:00Z',
        interval: 'PT1M',
        metricnames: metricNames,
        aggregation: 'Total',
        $filter: "ModelDeploymentName eq '*'",
        top: '1000',
        ...parameters,
      });
      return call(`${account}/providers/Microsoft.Insights/metrics?${query.toString()}`);
    },
  };
}
