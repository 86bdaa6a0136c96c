import { awsAccounts } from '../scenario.ts';
import { AwsError } from './errors.ts';

/** The emulated credentials. They open nothing but this process. */
export const awsAccess = {
  accessKeyId: 'AKIAEXAMPLE',
  secretAccessKey: 'example',
  /** Assumed with the key above, it leads to the other account. */
  role: `arn:aws:iam::${awsAccounts.other}:role/crossbill`,
} as const;

export interface Caller {
  readonly account: string;
  readonly arn: string;
  readonly region: string;
  /** SigV4's name of the service: `monitoring`, `bedrock`, `sts`. */
  readonly service: string;
}

/** Role → the access key that assuming it hands out. */
const sessionKeys: Readonly<Record<string, string>> = {
  [awsAccess.role]: 'ASIAEXAMPLEOTHER',
  [`arn:aws:iam::${awsAccounts.own}:role/crossbill`]: 'ASIAEXAMPLEOWN',
};

const principals: Readonly<Record<string, { readonly account: string; readonly arn: string }>> = {
  [awsAccess.accessKeyId]: {
    account: awsAccounts.own,
    arn: `arn:aws:iam::${awsAccounts.own}:user/crossbill`,
  },
  ASIAEXAMPLEOTHER: {
    account: awsAccounts.other,
    arn: `arn:aws:sts::${awsAccounts.other}:assumed-role/crossbill/crossbill`,
  },
  ASIAEXAMPLEOWN: {
    account: awsAccounts.own,
    arn: `arn:aws:sts::${awsAccounts.own}:assumed-role/crossbill/crossbill`,
  },
};

/** Undefined for a role that is not there, or may not be assumed. */
export function sessionKeyOf(role: string): string | undefined {
  return sessionKeys[role];
}

/**
 * Who calls, where to, by the credential scope of a SigV4 `Authorization` header. The signature is not checked.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function callerOf(authorization: string): Caller {
  const scope = /Credential=([^/\s]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/.exec(authorization);
  if (scope === null) {
    throw new AwsError(
      403,
      'MissingAuthenticationToken',
      'Request is missing Authentication Token',
    );
  }
  const [, key = '', region = '', service = ''] = scope;
  const principal = principals[key];
  if (principal === undefined) {
    const message = 'The security token included in the request is invalid.';
    throw new AwsError(403, 'InvalidClientTokenId', message);
  }
  return { ...principal, region, service };
}
