import { hourMs } from '../../../agent/core/time.ts';
import type { Answer } from '../http.ts';
import { sessionKeyOf } from './access.ts';
import type { Caller } from './access.ts';
import { AwsError, escapeXml } from './errors.ts';

export interface StsOptions {
  /** Demanded of AssumeRole where given. */
  readonly externalId?: string;
}

function xml(operation: string, result: string): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'text/xml' },
    body:
      `<${operation}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">` +
      `<${operation}Result>${result}</${operation}Result><ResponseMetadata>` +
      `<RequestId>00000000-0000-0000-0000-000000000000</RequestId></ResponseMetadata>` +
      `</${operation}Response>`,
  };
}

function assumeRole(form: URLSearchParams, caller: Caller, { externalId }: StsOptions): Answer {
  const role = form.get('RoleArn') ?? '';
  const key = sessionKeyOf(role);
  if (key === undefined || (externalId !== undefined && form.get('ExternalId') !== externalId)) {
    const message = `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${role}`;
    throw new AwsError(403, 'AccessDenied', message);
  }
  const session = form.get('RoleSessionName') ?? 'session';
  const seconds = Number(form.get('DurationSeconds') ?? hourMs / 1000);
  // The wall clock, not the emulated one: the caller's SDK renews its credentials by the wall clock.
  const expiration = new Date(Date.now() + seconds * 1000).toISOString();
  const arn = `${role.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${session}`;
  return xml(
    'AssumeRole',
    `<Credentials><AccessKeyId>${key}</AccessKeyId><SecretAccessKey>example</SecretAccessKey>` +
      `<SessionToken>example</SessionToken><Expiration>${expiration}</Expiration></Credentials>` +
      `<AssumedRoleUser><AssumedRoleId>AROAEXAMPLE:${escapeXml(session)}</AssumedRoleId>` +
      `<Arn>${escapeXml(arn)}</Arn></AssumedRoleUser>`,
  );
}

/** STS's Query protocol: AssumeRole and GetCallerIdentity. https://docs.aws.amazon.com/STS/latest/APIReference/ */
export function answerSts(form: URLSearchParams, caller: Caller, options: StsOptions): Answer {
  const action = form.get('Action') ?? '';
  if (action === 'AssumeRole') return assumeRole(form, caller, options);
  if (action !== 'GetCallerIdentity') {
    throw new AwsError(400, 'InvalidAction', `Could not find operation ${action}`);
  }
  const { arn, account } = caller;
  return xml(
    action,
    `<Arn>${escapeXml(arn)}</Arn><UserId>AIDAEXAMPLE</UserId><Account>${account}</Account>`,
  );
}
