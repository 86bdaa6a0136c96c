import { fromNodeProviderChain, fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { admitAll } from '../../agent/core/api-call.ts';
import { ExternalError } from '../../agent/core/errors.ts';
import { minuteMs } from '../../agent/core/time.ts';
import type { AwsConfig, AwsCredentials, AwsDeps, AwsRole } from './config.ts';
import { withDeadline } from './deadline.ts';
import { toAwsError } from './errors.ts';

/** One way into AWS: the agent's own credentials, or a role. */
export interface Access {
  /** The account it reads, from the role's ARN; undefined for own credentials, whose account only STS knows. */
  readonly account: string | undefined;
  /** Who calls, for messages: the role's ARN. */
  readonly principal: string;
  /** Remembered until they are about to expire. Throws ExternalError. */
  readonly credentials: () => Promise<AwsCredentials>;
}

/** How a client is built: where it calls, and how long it waits. */
export interface ClientSettings {
  readonly endpoint?: string;
  readonly maxAttempts: number;
  readonly requestHandler: {
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: boolean;
    readonly connectionTimeout: number;
  };
}

const rolePattern = /^arn:[\w-]+:iam::(\d{12}):role\/\S+$/;
/** Credentials this near their end are renewed first. */
const renewBeforeMs = 5 * minuteMs;

/**
 * Own credentials where no role is given, else one access a role. Throws an Error for a text that is no role's ARN,
 * and for two roles of one account, whose targets would be the same.
 */
export function accessesOf(
  config: AwsConfig,
  deps: AwsDeps,
  region: string,
  settings: ClientSettings,
): readonly Access[] {
  const own = deps.credentials ?? fromNodeProviderChain();
  if (config.roles.length === 0) {
    return [{ account: undefined, principal: "the agent's own credentials", credentials: own }];
  }
  const accounts = new Map<string, string>();
  return config.roles.map((role) => {
    const account = rolePattern.exec(role.arn)?.[1];
    if (account === undefined) {
      throw new Error(
        `source ${config.name}: "${role.arn}" is not a role's ARN; write arn:aws:iam::111122223333:role/crossbill`,
      );
    }
    const other = accounts.get(account);
    if (other !== undefined) {
      throw new Error(
        `source ${config.name}: ${other} and ${role.arn} both read account ${account}; keep one of them`,
      );
    }
    accounts.set(account, role.arn);
    const bill = { source: config.name, account };
    const assume = () => assumeRole(role, own, region, settings, deps, bill);
    return { account, principal: role.arn, credentials: remembered(assume, deps) };
  });
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
async function assumeRole(
  role: AwsRole,
  own: () => Promise<AwsCredentials>,
  region: string,
  settings: ClientSettings,
  deps: AwsDeps,
  { source, account }: { readonly source: string; readonly account: string },
): Promise<AwsCredentials> {
  const externalId = externalIdOf(role);
  // All who wait share one load, so none of their signals ends it.
  const never = new AbortController().signal;
  const ended = await (deps.meter ?? admitAll).admit(
    {
      source,
      scope: `${source}/${account}`,
      operation: 'sts:AssumeRole',
      bucket: `aws/${account}/${region}`,
      costNanoUsd: 0n,
      metrics: 0,
      points: 0,
    },
    never,
  );
  try {
    const assume = fromTemporaryCredentials({
      masterCredentials: own,
      params: {
        RoleArn: role.arn,
        RoleSessionName: 'crossbill',
        ...(externalId === undefined ? {} : { ExternalId: externalId }),
      },
      clientConfig: { region, ...settings },
    });
    // The client's own timeout ends no answer that trickles in.
    return await withDeadline(never, settings.requestHandler.requestTimeout, () => assume());
  } catch (thrown) {
    const secrets = externalId === undefined ? [] : [externalId];
    const context = { operation: 'sts:AssumeRole', region, principal: role.arn, secrets };
    throw toAwsError(thrown, context, deps.clock.now());
  } finally {
    ended();
  }
}

function externalIdOf(role: AwsRole): string | undefined {
  try {
    return role.externalId?.();
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : 'unknown reason';
    throw new ExternalError(
      `sts:AssumeRole as ${role.arn}: its external id cannot be read: ${why}`,
      {
        reason: 'denied',
        operation: 'sts:AssumeRole',
        ofCredentials: true,
        hint: `Give the external id of ${role.arn}, or take the key away if the role asks for none.`,
      },
    );
  }
}

/** One load at a time, its result kept until shortly before it expires; a failed load is not kept. */
function remembered(
  load: () => Promise<AwsCredentials>,
  { clock }: AwsDeps,
): () => Promise<AwsCredentials> {
  let kept: AwsCredentials | undefined;
  let loading: Promise<AwsCredentials> | undefined;
  return async () => {
    const endsAt = kept === undefined ? 0 : (kept.expiration?.getTime() ?? Infinity);
    if (kept !== undefined && endsAt - renewBeforeMs > clock.now()) return kept;
    loading ??= load()
      .then((fresh) => (kept = fresh))
      .finally(() => {
        loading = undefined;
      });
    return loading;
  };
}
