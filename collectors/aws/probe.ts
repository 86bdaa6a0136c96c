import type { ExternalError } from '../../agent/core/errors.ts';
import { tryRight, untried } from '../../agent/core/permission.ts';
import type { Feature, Grant, Permission, Right, Tried } from '../../agent/core/permission.ts';
import { floorTo, hourMs, minuteMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import type { Access } from './access.ts';
import { namespaces } from './catalog.ts';
import type { AwsApi } from './client.ts';
import { collectUnits } from './collect.ts';
import type { AwsConfig } from './config.ts';
import { listingInput, reach, targetOf } from './discover.ts';
import type { ReachedPlace } from './discover.ts';
import { notSwitchedOn } from './hints.ts';
import { startListing, unitKey } from './listing.ts';
import type { Listing } from './listing.ts';
import { badAnswer } from './pages.ts';
import { mapPooled } from './pool.ts';

const triedAtOnce = 6;
/** What is listed and read: both namespaces need the same rights. */
const [namespace = 'AWS/Bedrock'] = namespaces;

const operations = {
  'list meters': 'cloudwatch:ListMetrics',
  'read meters': 'cloudwatch:GetMetricData',
  'inference profiles': 'bedrock:ListInferenceProfiles',
  tags: 'bedrock:ListTagsForResource',
  'provisioned throughput': 'bedrock:ListProvisionedModelThroughputs',
} as const satisfies Partial<Record<Feature, string>>;

/**
 * Every right on every account × region: signing in once an account, then one page of metrics, one minute of one metric
 * ($0.00001), one page of inference profiles and the tags of the first of them, one page of provisioned throughputs.
 */
export async function probeAws(
  config: AwsConfig,
  api: AwsApi,
  now: () => Instant,
  signal: AbortSignal,
): Promise<readonly Permission[]> {
  const entries = await mapPooled(api.accesses, triedAtOnce, (access) =>
    signIn(config, api, access, signal),
  );
  const places = entries.flatMap(({ value }) =>
    value === undefined
      ? []
      : api.regions.map((region) => {
          const scope = `${config.name}/${value.account}/${region}`;
          return { ...value, region, scope };
        }),
  );
  const tried = await mapPooled(places, triedAtOnce, (place) =>
    probePlace(config, api, place, now(), signal),
  );
  return [...entries.map(({ permission }) => permission), ...withoutClosed(config, tried.flat())];
}

async function signIn(config: AwsConfig, api: AwsApi, access: Access, signal: AbortSignal) {
  const account = access.account ?? '';
  const operation = account === '' ? 'sts:GetCallerIdentity' : 'sts:AssumeRole';
  const right: Right = {
    account,
    place: '',
    feature: 'sign in',
    operation,
    grantFor: (refusal) =>
      operation === 'sts:AssumeRole'
        ? grantOf(refusal, { right: operation, to: callerOf(refusal), on: access.principal })
        : undefined,
  };
  const tried = await tryRight(
    right,
    async () => {
      const reached = await reach(config, api, access, signal);
      if ('error' in reached) throw reached.error;
      return reached;
    },
    signal,
  );
  const { account: known = account } = tried.value ?? {};
  return { ...tried, permission: { ...tried.permission, account: known } };
}

async function probePlace(
  config: AwsConfig,
  api: AwsApi,
  place: ReachedPlace,
  now: Instant,
  signal: AbortSignal,
): Promise<readonly Permission[]> {
  const { account, region } = place;
  const { principal } = place.access;
  const attempt = <Value>(
    feature: keyof typeof operations,
    call: () => Promise<Value>,
  ): Promise<Tried<Value>> => {
    const operation = operations[feature];
    const grantFor = (refusal: ExternalError) =>
      grantOf(refusal, { right: operation, to: callerOf(refusal) || principal, on: '*' });
    return tryRight({ account, place: region, feature, operation, grantFor }, call, signal);
  };

  const listed = await attempt('list meters', async () => {
    const listing = startListing(namespace, account, config.linkedAccounts);
    listing.add(await api.listMetrics(place, listingInput(config, namespace), signal));
    return listing;
  });
  const read = await attempt('read meters', () =>
    collectUnits(api, place, minuteOf(config, place, listed.value, now), now, signal),
  );
  const profiles = await attempt('inference profiles', async () => {
    const input = { typeEquals: 'APPLICATION', maxResults: 1 } as const;
    const answer = await api.listInferenceProfiles(place, input, signal);
    if (answer.inferenceProfileSummaries !== undefined) return answer.inferenceProfileSummaries;
    throw badAnswer(operations['inference profiles'], 'the answer is empty');
  });
  const throughputs = await attempt('provisioned throughput', async () => {
    const answer = await api.listThroughputs(place, { maxResults: 1 }, signal);
    if (answer.provisionedModelSummaries !== undefined) return answer;
    throw badAnswer(operations['provisioned throughput'], 'the answer is empty');
  });
  const permissions = [listed, read, profiles].map(({ permission }) => permission);
  const tagsRight = {
    account,
    place: region,
    feature: 'tags',
    operation: operations.tags,
  } as const;
  const last = throughputs.permission;
  if (profiles.value === undefined) return [...permissions, untried(tagsRight, 'blocked'), last];
  const [{ inferenceProfileArn: arn } = {}] = profiles.value;
  if (arn === undefined) {
    const why = 'there is no application inference profile';
    return [...permissions, untried(tagsRight, 'nothing_there', why), last];
  }
  const tags = await attempt('tags', () => api.listTags(place, arn, signal));
  return [...permissions, tags.permission, last];
}

/** One statistic of one metric over one minute; of a made-up model where none is listed, for which none is answered. */
function minuteOf(
  config: AwsConfig,
  place: ReachedPlace,
  listing: Listing | undefined,
  now: Instant,
) {
  const [[owner, listed] = [place.account, { units: [] }]] = listing?.owned() ?? [];
  const [first] = listed.units;
  const dimensions = first?.dimensions ?? { ModelId: 'crossbill-check' };
  const metric = first?.metric ?? 'Invocations';
  const rowId = first?.rowId ?? 'aws.bedrock.requests';
  const nothing = { units: [], unknownSets: [] };
  const target = targetOf(config, place, namespace, owner, nothing);
  const start = floorTo(now - hourMs, minuteMs);
  return {
    target: {
      ...target,
      rows: target.rows.map((row) => ({ ...row, statistics: row.statistics.slice(0, 1) })),
    },
    units: [{ key: unitKey(metric, dimensions), rowId, metric, dimensions }],
    window: { start, end: start + minuteMs },
    periodSeconds: 60,
  };
}

/**
 * A policy can grant what a policy refuses; not what an explicit deny forbids, nor what expired or wrong credentials
 * are refused.
 */
export function grantOf({ message }: ExternalError, grant: Grant): Grant | undefined {
  const refused = /: (?:AccessDenied|Unauthorized(?:Operation)?|NotAuthorized)\b/.test(message);
  const isHopeless = /explicit deny/i.test(message) || notSwitchedOn.test(message);
  return refused && !isHopeless ? grant : undefined;
}

/** Whom AWS names as the one who lacks the right. */
export function callerOf({ message }: ExternalError): string {
  return /\bUser: (\S+) is not authorized\b/.exec(message)?.[1] ?? '';
}

/**
 * With `regions: auto`, a region that does not know credentials which other regions take is one that the account has
 * not enabled: nothing can be used there, so nothing is missing.
 * https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
 */
function withoutClosed(
  { regions }: AwsConfig,
  permissions: readonly Permission[],
): readonly Permission[] {
  if (regions !== 'auto') return permissions;
  const open = new Set(
    permissions.filter(({ state }) => state === 'ok').map(({ account }) => account),
  );
  return permissions.map((one) => {
    const unknown = /: (?:UnrecognizedClient|InvalidClientTokenId|OptInRequired)\b/;
    if (one.state !== 'denied' || !open.has(one.account)) return one;
    if (!unknown.test(one.message ?? '')) return one;
    return untried(one, 'nothing_there', 'the region is not enabled for the account');
  });
}
