import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { badAnswer } from './pages.ts';

export interface CallerIdentity {
  readonly account: string;
  /** `arn:aws:sts::111122223333:assumed-role/crossbill/i-0abc`. */
  readonly arn: string;
}

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Whose credentials a client signs with. STS needs no permission for it, and is asked rather than the environment,
 * where an account id may be left over from another account. The client's own signer and connection make the one request,
 * which spares a client package, and the process 4 MB that `fetch` would take for nothing else. Undefined where whoever is
 * at the address is no STS at all, as at a private endpoint that serves metrics only; an STS that stumbles is an error, or
 * its account's usage would be read a second time under another name.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
export async function askCallerIdentity(
  client: CloudWatchClient,
  region: string,
  endpoint: string | undefined,
  signal: AbortSignal,
): Promise<CallerIdentity | undefined> {
  const url = new URL(endpoint ?? stsAddress(region));
  const body = 'Action=GetCallerIdentity&Version=2011-06-15';
  const signer = await client.config.signer();
  const request = await signer.sign(
    {
      method: 'POST',
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port !== '' && { port: Number(url.port) }),
      path: url.pathname,
      headers: { host: url.host, 'content-type': 'application/x-www-form-urlencoded' },
      body,
    },
    { signingService: 'sts', signingRegion: region },
  );
  const { requestHandler, streamCollector, utf8Encoder } = client.config;
  const { response } = await requestHandler.handle(request, { abortSignal: signal });
  const text = utf8Encoder(await streamCollector(response.body));
  if (isElsewhere(response.statusCode, text)) return undefined;
  if (response.statusCode !== 200) throw refusal(response, text);
  const account = elementOf(text, 'Account');
  if (account === undefined || !/^\d{12}$/.test(account)) {
    throw badAnswer('sts:GetCallerIdentity', 'the answer names no account');
  }
  return { account, arn: elementOf(text, 'Arn') ?? account };
}

/** What a server says that knows nothing of STS: another page, or that there is nothing of the kind. */
function isElsewhere(status: number, text: string): boolean {
  if (/<(?:GetCallerIdentityResponse|ErrorResponse)\b/.test(text)) return false;
  // What leads elsewhere is not followed: STS does not.
  const isNoAnswer = [400, 404, 405, 501].includes(status) || (status >= 300 && status < 400);
  return isNoAnswer || (status === 200 && text.trim() !== '');
}

/** STS's refusal in the shape of the SDK's errors. */
function refusal({ statusCode, headers }: Answer, text: string): Error {
  const name = elementOf(text, 'Code') ?? 'UnknownError';
  const message = elementOf(text, 'Message') ?? `HTTP status ${statusCode}`;
  return Object.assign(new Error(message), {
    name,
    $metadata: { httpStatusCode: statusCode },
    $response: { headers },
  });
}

function elementOf(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1]?.trim();
}

/** Each region has its own. https://docs.aws.amazon.com/general/latest/gr/sts.html */
export function stsAddress(region: string): string {
  if (region.startsWith('cn-')) return `https://sts.${region}.amazonaws.com.cn/`;
  return `https://sts.${region}.${region.startsWith('eusc-') ? 'amazonaws.eu' : 'amazonaws.com'}/`;
}
