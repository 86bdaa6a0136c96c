import * as z from 'zod';
import { endpoint, isLoopbackUrl } from './addresses.ts';
import {
  byWord,
  choose,
  distinct,
  fail,
  flag,
  isMapping,
  listOf,
  name,
  oneOf,
  parsed,
  secret,
  section,
  setOf,
  text,
} from './fields.ts';
import type { Unchanging } from './unchanging.ts';

/** What a source can bring in; usage needs no right to billing. */
const collected = ['usage', 'bills', 'quotas'] as const;

const common = {
  name: name(),
  collect: setOf(oneOf(collected), 'for example [usage, bills]').default(['usage']),
  endpoint: endpoint().optional(),
};

/** `us-east-1`, `us-gov-west-1`, `eusc-de-east-1`. */
const awsRegion = /^[a-z]{2,4}(?:-[a-z]+){1,2}-\d{1,2}$/;
/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html */
const roleArn = /^arn:aws(?:-[a-z]+)*:iam::\d{12}:role\/[\w+=,.@/-]+$/;

const region = text('a region, for example us-east-1').transform((value, ctx): string => {
  if (awsRegion.test(value)) return value;
  const plain = value.toLowerCase().replaceAll(/[_ ]/g, '-');
  const meant = [plain, plain.replace(/(\d)[a-z]$/, '$1')].find((guess) => awsRegion.test(guess));
  return fail(
    ctx,
    meant === undefined
      ? 'not an AWS region; write it as AWS does, for example us-east-1'
      : `not an AWS region; did you mean "${meant}"?`,
  );
});

const someRegions = setOf(region, 'for example [us-east-1]');
const allRegions = parsed('auto or a list of regions, for example [us-east-1]', (word) =>
  word === 'auto' ? ('auto' as const) : undefined,
);
const regions = choose<'auto' | readonly string[]>((value) =>
  Array.isArray(value) ? someRegions : allRegions,
);

const role = section({
  arn: parsed("a role's ARN, for example arn:aws:iam::111122223333:role/crossbill", (value) =>
    roleArn.test(value) ? value : undefined,
  ),
  external_id: secret('the external id that the role asks for').optional(),
}).transform(({ arn, external_id: externalId }) => ({ arn, externalId }));

const roles = listOf(role, { expected: 'for example [{ arn: "arn:aws:iam::…" }]' }).superRefine(
  distinct(({ arn }) => arn, 'this role is listed twice; delete one', ['arn']),
);

const aws = section({
  ...common,
  type: z.unknown(),
  regions: regions.default('auto'),
  roles: roles.default([]),
  linked_accounts: flag().default(false),
}).transform(({ linked_accounts: linkedAccounts, ...rest }) => ({
  ...rest,
  type: 'aws' as const,
  /** Whether the account sees the metrics of the accounts linked to it. */
  linkedAccounts,
}));

const ownCredential = oneOf(['default', 'client_secret', 'managed_identity', 'workload_identity']);
const staticCredential = section({ static_token: secret('a token') }).transform(
  ({ static_token: staticToken }) => ({ staticToken }),
);
const credential = choose<z.output<typeof ownCredential> | z.output<typeof staticCredential>>(
  (value) => (isMapping(value) ? staticCredential : ownCredential),
);

const subscription = parsed(
  'a subscription id, for example 00000000-0000-0000-0000-000000000001',
  (value) =>
    /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value) ? value.toLowerCase() : undefined,
);

const azure = section({
  ...common,
  type: z.unknown(),
  subscriptions: setOf(subscription, 'or no key: all that the credential sees').default([]),
  credential: credential.default('default'),
  batch: flag().default(false),
})
  .superRefine((source, ctx) => {
    if (typeof source.credential !== 'object') return;
    if (source.endpoint === undefined || !isLoopbackUrl(source.endpoint)) {
      const message =
        'a static token is for a loopback endpoint only; use another credential, or set endpoint: http://127.0.0.1:4567';
      fail(ctx, message, ['credential', 'static_token']);
    }
  })
  .transform((source) => ({ ...source, type: 'azure' as const }));

/** One AWS organization or account, as the credentials at hand see it. */
export type AwsSourceConfig = Unchanging<z.output<typeof aws>>;
/** The Azure subscriptions of one credential. */
export type AzureSourceConfig = Unchanging<z.output<typeof azure>>;
export type SourceConfig = AwsSourceConfig | AzureSourceConfig;

/** At least one: an agent without a source has nothing to do. */
export const sources = listOf(
  byWord<SourceConfig>('type', { aws: () => aws, azure: () => azure }),
  {
    expected: 'for example [{ name: prod, type: aws }]; the README shows more',
  },
);
