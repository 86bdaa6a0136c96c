import type { FailureReason } from '../../agent/core/errors.ts';

/** What was attempted and by whom. */
export interface CallContext {
  /** The IAM action the call needs: `cloudwatch:GetMetricData`. */
  readonly operation: string;
  readonly region: string;
  /** A role's ARN, or words for the agent's own credentials. */
  readonly principal: string;
  /** Texts that must not come back out in a message. */
  readonly secrets?: readonly string[];
}

/** Ways of not being let in, told apart because each is mended elsewhere. */
export type Denial = 'policy' | 'expired' | 'unknown' | 'signature' | 'missing' | 'not_enabled';

type Advice = (context: CallContext, said: string) => string;

/** What a person can do about a failed call. `said` is the cloud's message, made safe. */
export function advise(
  reason: FailureReason,
  denial: Denial | undefined,
  said: string,
  context: CallContext,
): string {
  const advice = denial === undefined ? byReason[reason] : byDenial[denial];
  return advice(context, said);
}

const byReason: Readonly<Record<FailureReason, Advice>> = {
  throttled: ({ operation, region }) =>
    `The account's rate for ${operation} is used up in ${region}; poll less often, or have the quota raised in Service Quotas.`,
  timeout: ({ region }) =>
    `No answer in time from ${region}; it is tried again. If it stays, look at the network path.`,
  unreachable: ({ region }) =>
    `Check DNS, the route and any proxy from here to AWS in ${region}; the call is tried again.`,
  bad_response: () =>
    'Nothing of this answer was kept; it is asked for again. If it stays, look for a proxy or a custom endpoint in between.',
  denied: adviseForPolicy,
  conflict: ({ operation, region }) => `Something else holds what ${operation} needs in ${region}.`,
};

const byDenial: Readonly<Record<Denial, Advice>> = {
  policy: adviseForPolicy,
  expired: ({ principal }) =>
    `The credentials of ${principal} have expired, or this machine's clock is off; renew them, or let the agent use a role.`,
  unknown: ({ principal, region }) =>
    `AWS does not know the credentials of ${principal} in ${region}. If other regions of the account answer, this one is not enabled there: enable it, or list the regions you use under "regions". Otherwise renew the credentials.`,
  signature: ({ principal }) =>
    `The secret key of ${principal} does not fit its key id, or this machine's clock is off by minutes.`,
  missing: ({ operation }) =>
    `No usable AWS credentials for ${operation}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or a role of the instance or container.`,
  not_enabled: ({ region }) =>
    `The account is not signed up for this service in ${region}: enable it there, or list the regions you use under "regions".`,
};

/** How Cost Explorer refuses an account that has never used it. No policy mends that. */
export const notSwitchedOn = /not enabled for cost explorer/i;

/** AWS often names the identity and the action itself; its words win over what we know. */
function adviseForPolicy({ operation, principal, region }: CallContext, said: string): string {
  const [, user, action] =
    /\bUser: (\S+) is not authorized to perform: ([\w-]+:\w+)/.exec(said) ?? [];
  const who = user ?? principal;
  const what = action ?? operation;
  if (what === 'sts:AssumeRole') {
    const caller = user ?? "The agent's own identity";
    return `${caller} lacks sts:AssumeRole on ${principal}, or that role's trust policy does not name it with the same external id. Allow both sides.`;
  }
  if (notSwitchedOn.test(said)) {
    return `Cost Explorer was never switched on: open it once in the billing console of ${who}'s account, or of its payer; it has data a day later.`;
  }
  if (/explicit deny/i.test(said)) {
    return `A policy denies ${what} to ${who} explicitly (a service control policy or permissions boundary, perhaps), which no allow outweighs: have that deny lifted for ${region}, or leave the region out of "regions".`;
  }
  return `${who} lacks ${what}: add it to that role's or user's policy.`;
}
