import type { ApiCost, Discovery, ScopeFailure, Target } from '../../agent/core/collector.ts';
import { toExternalError } from '../../agent/core/errors.ts';
import type { ExternalError } from '../../agent/core/errors.ts';
import type { InventorySnapshot } from '../../agent/core/inventory.ts';
import { dayMs, secondMs } from '../../agent/core/time.ts';
import type { Access } from './access.ts';
import { namespaces } from './catalog.ts';
import type { AwsApi, Place } from './client.ts';
import type { AwsConfig } from './config.ts';
import { nanoUsdPerListing, seriesPerPage } from './limits.ts';
import { rowsOf, startListing } from './listing.ts';
import type { Owned } from './listing.ts';
import { badAnswer, pagesOf } from './pages.ts';
import { mapPooled } from './pool.ts';
import { listProfiles } from './profiles.ts';
import { listThroughputs, toldOnce } from './throughputs.ts';
import type { Unlisted } from './throughputs.ts';

const placesAtOnce = 6;
const day = dayMs / secondMs;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
export const retention = [
  { periodSeconds: 60, ageSeconds: 15 * day },
  { periodSeconds: 300, ageSeconds: 63 * day },
  { periodSeconds: 3_600, ageSeconds: 455 * day },
];

/** What stands for the account where a private endpoint serves the metrics but no STS that could name it. */
const unnamedAccount = '000000000000';

/** An access whose account is known. */
export interface Reached {
  readonly access: Access;
  readonly account: string;
}

export type ReachedPlace = Place & Reached;

/**
 * Looks at every account × region × namespace. What is denied or broken is a failure of its scope and hides nothing
 * else; throws the first failure when no namespace anywhere could be looked at, and when `signal` aborts.
 */
export async function discoverTargets(
  config: AwsConfig,
  api: AwsApi,
  signal: AbortSignal,
): Promise<Discovery> {
  const reached = await mapPooled(api.accesses, placesAtOnce, (access) =>
    reach(config, api, access, signal),
  );
  const places = reached.flatMap((one) =>
    'error' in one
      ? []
      : api.regions.map((region) => {
          const scope = `${config.name}/${one.account}/${region}`;
          return { ...one, region, scope };
        }),
  );
  const found = await mapPooled(places, placesAtOnce, (place) =>
    lookAt(config, api, place, signal),
  );
  const failures = [
    ...reached.filter((one) => 'error' in one),
    ...found.flatMap((one) => one.failures),
    ...toldOnce(found.flatMap(({ unlisted }) => unlisted ?? [])),
  ];
  const [first] = failures;
  if (first !== undefined && found.every(({ scopes }) => scopes.length === 0)) throw first.error;
  return {
    scopes: [
      ...found.flatMap((one) => one.scopes),
      // Which account owns a linked target is only known from listing it, and a silent one is not listed.
      ...(config.linkedAccounts ? [`${config.name}/`] : []),
    ],
    targets: distinct(
      api,
      found.flatMap((one) => one.targets),
    ),
    inventory: found.flatMap((one) => one.inventory),
    failures,
  };
}

/**
 * What a whole look costs: every namespace of every account and region by as many pages as its series need. Profiles,
 * provisioned throughputs and signing in are free; the calls for tags, one a profile or throughput, are not counted.
 */
export function priceListing(
  accounts: number,
  regions: number,
  targets: readonly Target[],
): ApiCost {
  const further = targets.reduce(
    (sum, { units }) => sum + Math.max(0, Math.ceil(units.length / seriesPerPage) - 1),
    0,
  );
  const pages = accounts * regions * namespaces.length + further;
  const places = new Set(targets.map(({ account, region }) => `${account}/${region}`));
  return {
    operation: 'cloudwatch:ListMetrics',
    calls: pages + places.size + accounts * regions + accounts,
    costNanoUsd: BigInt(pages) * nanoUsdPerListing,
  };
}

/** Signs in once an account, so that a role denied is one failure and not one for every region. */
export async function reach(
  config: AwsConfig,
  api: AwsApi,
  access: Access,
  signal: AbortSignal,
): Promise<Reached | ScopeFailure> {
  if (access.account === undefined) {
    const asked = await attempt(
      'sts:GetCallerIdentity',
      () => api.callerIdentity(access, signal),
      signal,
    );
    // The only access there is: without its account nothing can be looked at.
    if ('error' in asked) throw asked.error;
    if (asked.value !== undefined) {
      const { account, arn } = asked.value;
      return { access: { ...access, principal: arn }, account };
    }
    if (config.endpoint === undefined) {
      throw badAnswer('sts:GetCallerIdentity', 'the answer is not from STS');
    }
    return { access, account: unnamedAccount };
  }
  const { account } = access;
  const signedIn = await attempt('sts:AssumeRole', () => api.signIn(access, signal), signal);
  return 'error' in signedIn
    ? { scope: `${config.name}/${account}`, error: signedIn.error }
    : { access, account };
}

async function lookAt(
  config: AwsConfig,
  api: AwsApi,
  place: ReachedPlace,
  signal: AbortSignal,
): Promise<Discovery & { readonly unlisted?: Unlisted }> {
  const { scope } = place;
  const scopes: string[] = [];
  const targets: Target[] = [];
  const inventory: InventorySnapshot[] = [];
  const failures: ScopeFailure[] = [];
  for (const namespace of namespaces) {
    const listed = await attempt(
      'cloudwatch:ListMetrics',
      () => list(config, api, { ...place, scope: `${scope}/${namespace}` }, namespace, signal),
      signal,
    );
    if ('error' in listed) {
      failures.push({ scope: `${scope}/${namespace}`, error: listed.error });
    } else {
      scopes.push(`${scope}/${namespace}`);
      targets.push(...listed.value);
    }
  }
  const [first] = failures;
  if (first !== undefined && scopes.length === 0) {
    return { scopes, targets, inventory, failures: [{ scope, error: first.error }] };
  }
  if (failures.length === 0) scopes.splice(0, scopes.length, scope);
  const { account, region } = place;
  const inventoryOf = { cloud: 'aws', account, region, resource: '' } as const;
  // Capacity that nobody uses has no meter, and is billed all the same.
  const throughputs = await attempt(
    'bedrock:ListProvisionedModelThroughputs',
    () => listThroughputs(api, { ...place, scope: `${scope}/provisioned-throughput` }, signal),
    signal,
  );
  if ('value' in throughputs) {
    const kind = 'provisioned_throughput';
    inventory.push({ ...inventoryOf, kind, items: throughputs.value });
  }
  const isMetered = targets.some((target) => target.account === account);
  // Where nothing is metered no id needs a name.
  if (isMetered) {
    const profiles = await attempt(
      'bedrock:ListInferenceProfiles',
      () => listProfiles(api, { ...place, scope: `${scope}/inference-profiles` }, signal),
      signal,
    );
    if ('error' in profiles) {
      failures.push({ scope: `${scope}/inference-profiles`, error: profiles.error });
    } else {
      inventory.push({ ...inventoryOf, kind: 'inference_profile', items: profiles.value });
    }
  }
  const found = { scopes, targets, inventory, failures };
  if (!('error' in throughputs)) return found;
  const failure = { scope: `${scope}/provisioned-throughput`, error: throughputs.error };
  return { ...found, unlisted: { account, isMetered, failure } };
}

export function listingInput({ linkedAccounts }: AwsConfig, namespace: string) {
  return {
    Namespace: namespace,
    ...(linkedAccounts ? { IncludeLinkedAccounts: true } : {}),
  };
}

/** The namespace's targets, one an owning account; none where it lists nothing that could be a meter. */
async function list(
  config: AwsConfig,
  api: AwsApi,
  place: ReachedPlace,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly Target[]> {
  const { linkedAccounts } = config;
  const listing = startListing(namespace, place.account, linkedAccounts);
  const pages = pagesOf(
    'cloudwatch:ListMetrics',
    (NextToken) =>
      api.listMetrics(
        place,
        {
          ...listingInput(config, namespace),
          ...(NextToken === undefined ? {} : { NextToken }),
        },
        signal,
      ),
    (page) => page.NextToken,
  );
  for await (const page of pages) listing.add(page);
  return Array.from(listing.owned(), ([owner, owned]) =>
    targetOf(config, place, namespace, owner, owned),
  ).filter((target) => target.units.length > 0 || target.labels['unknown_sets'] !== undefined);
}

/** @param owner the account whose meters they are, another one than the place's where accounts are linked */
export function targetOf(
  config: AwsConfig,
  { account, region }: ReachedPlace,
  namespace: string,
  owner: string,
  { units, unknownSets }: Owned,
): Target {
  return {
    id: `${config.name}/${owner}/${region}/${namespace}`,
    source: config.name,
    cloud: 'aws',
    account: owner,
    region,
    resource: '',
    labels: {
      namespace,
      ...(config.linkedAccounts ? { monitoring_account: account } : {}),
      ...(unknownSets.length === 0
        ? {}
        : { unknown_sets: String(unknownSets.length), unknown_set_names: unknownSets.join(' ') }),
    },
    rows: rowsOf(namespace),
    units,
    rememberUnits: true,
    retention,
  };
}

/** One target an id: an account seen directly and through a link is read directly, else the first way wins. */
function distinct(api: AwsApi, targets: readonly Target[]): readonly Target[] {
  const direct = new Set(api.accesses.map(({ account }) => account));
  const byId = new Map<string, Target>();
  for (const target of targets) {
    const { monitoring_account: through = target.account } = target.labels;
    if (through !== target.account && direct.has(target.account)) continue;
    if (!byId.has(target.id)) byId.set(target.id, target);
  }
  return [...byId.values()];
}

type Attempt<Value> = { readonly value: Value } | { readonly error: ExternalError };

/**
 * A failure of the cloud as a value; an abort is thrown on. An answer of another shape makes our own code throw: that
 * is a failure of its place too, or one region would hide all others.
 */
async function attempt<Value>(
  operation: string,
  run: () => Promise<Value>,
  signal: AbortSignal,
): Promise<Attempt<Value>> {
  try {
    return { value: await run() };
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    return { error: toExternalError(thrown, operation) };
  }
}
