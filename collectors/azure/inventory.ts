import * as z from 'zod';
import type { Labels } from '../../agent/core/collector.ts';
import type { InventoryItem } from '../../agent/core/inventory.ts';

const tags = z.record(z.string(), z.string().nullish()).nullish();

/** https://learn.microsoft.com/en-us/rest/api/resources/subscriptions/list */
export const subscriptionShape = z.object({ subscriptionId: z.string().min(1) });

/** https://learn.microsoft.com/en-us/rest/api/aiservices/accountmanagement/accounts/list */
export const accountShape = z.object({
  id: z.string().min(1),
  name: z.string().min(1),
  kind: z.string().nullish(),
  location: z.string().min(1),
  tags,
  systemData: z.object({ createdAt: z.string().nullish() }).nullish(),
});
export type Account = z.infer<typeof accountShape>;

/** https://learn.microsoft.com/en-us/rest/api/aiservices/accountmanagement/deployments/list */
export const deploymentShape = z.object({
  name: z.string().min(1),
  tags,
  sku: z.object({ name: z.string().nullish(), capacity: z.number().nullish() }).nullish(),
  properties: z.object({
    model: z
      .object({
        format: z.string().nullish(),
        name: z.string().nullish(),
        version: z.string().nullish(),
      })
      .nullish(),
    rateLimits: z
      .array(
        z.object({
          key: z.string().nullish(),
          count: z.number().nullish(),
          renewalPeriod: z.number().nullish(),
        }),
      )
      .nullish(),
    currentCapacity: z.number().nullish(),
    spilloverDeploymentName: z.string().nullish(),
  }),
});
export type Deployment = z.infer<typeof deploymentShape>;

/** Other kinds of Cognitive Services account (speech, vision) run no models by deployment. */
export function hasDeployments(account: Account): boolean {
  const kind = account.kind?.toLowerCase();
  return kind === 'openai' || kind === 'aiservices';
}

/** Azure spells one region `East US` and `eastus`. */
export function regionOf(location: string): string {
  return location.toLowerCase().replaceAll(/\s/g, '');
}

/** `rg-ai` of `/subscriptions/…/resourceGroups/rg-ai/…`; empty when there is none. */
export function resourceGroupOf(resourceId: string): string {
  return /\/resourcegroups\/([^/]+)/i.exec(resourceId)?.[1] ?? '';
}

/** What Azure does not say is left out. The deployment's own tags win over its account's. */
export function itemOf(deployment: Deployment, account: Account): InventoryItem {
  const { sku, properties } = deployment;
  return {
    kind: 'deployment',
    name: deployment.name,
    attributes: told({
      format: properties.model?.format,
      model: properties.model?.name,
      version: properties.model?.version,
      sku: sku?.name,
      capacity: sku?.capacity ?? properties.currentCapacity,
      spillover: properties.spilloverDeploymentName,
      tpm: tokensPerMinute(properties.rateLimits ?? []),
    }),
    tags: told({ ...account.tags, ...deployment.tags }),
  };
}

type RateLimit = NonNullable<Deployment['properties']['rateLimits']>[number];

/** Of the limit named `token`; its period is in seconds. */
function tokensPerMinute(limits: readonly RateLimit[]): number | undefined {
  const limit = limits.find((one) => one.key === 'token');
  if (limit === undefined || typeof limit.count !== 'number') return undefined;
  const seconds = limit.renewalPeriod ?? 60;
  return seconds > 0 ? Math.round((limit.count * 60) / seconds) : undefined;
}

function told(words: Readonly<Record<string, string | number | null | undefined>>): Labels {
  return Object.fromEntries(
    Object.entries(words).flatMap(([key, value]) =>
      value === null || value === undefined ? [] : [[key, String(value)]],
    ),
  );
}
