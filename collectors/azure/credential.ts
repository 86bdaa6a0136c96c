import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/core-auth';
import { ExternalError } from '../../agent/core/errors.ts';
import { hourMs } from '../../agent/core/time.ts';
import type { AzureCredentialConfig } from './config.ts';

/** A credential that knows what must never be printed. */
export interface GuardedCredential {
  readonly credential: TokenCredential;
  /** Takes the secrets this credential has handed out or holds, and all that looks like a token, out of a text. */
  readonly redact: (text: string) => string;
  /** What to set when no token can be had. */
  readonly hint: string;
}

const hints: Readonly<Record<AzureCredentialConfig['kind'], string>> = {
  default:
    'Sign in with `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or run where a managed identity is.',
  client_secret:
    'Check tenant, client id and secret of the credential; the secret may have run out.',
  managed_identity:
    'Give this machine a managed identity, or name the client id of its user-assigned one.',
  workload_identity:
    'Set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE, as the workload identity webhook does.',
  static_token: 'Check the token.',
};

/** So many secrets are remembered for redaction: the held ones and the tokens of a few audiences. */
const secretsKept = 12;
const bearer = /bearer\s+[^\s"',]+/gi;
const jsonWebToken = /eyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g;

/** Nothing is contacted or loaded before the first token is asked for. */
export function guardCredential(
  config: AzureCredentialConfig,
  authorityHost: string | undefined,
): GuardedCredential {
  const secrets = new Set<string>();
  const remember = (secret: string): string => {
    secrets.delete(secret);
    if (secret !== '') secrets.add(secret);
    for (const oldest of secrets) {
      if (secrets.size <= secretsKept) break;
      secrets.delete(oldest);
    }
    return secret;
  };
  const inner = rotating(config, authorityHost, remember);
  return {
    credential: {
      async getToken(scopes, options) {
        const token = await inner(scopes, options);
        if (token !== null) remember(token.token);
        return token;
      },
    },
    redact: (text) =>
      [...secrets]
        .reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
        .replaceAll(bearer, 'Bearer ***')
        .replaceAll(jsonWebToken, '***'),
    hint: hints[config.kind],
  };
}

type GetToken = (
  scopes: string | string[],
  options?: GetTokenOptions,
) => Promise<AccessToken | null>;

/** Builds the library's credential at the first token, and anew when the secret it was built with has changed. */
function rotating(
  config: AzureCredentialConfig,
  authorityHost: string | undefined,
  remember: (secret: string) => string,
): GetToken {
  let built: { readonly secret: string; readonly credential: TokenCredential } | undefined;
  return async (scopes, options) => {
    if (config.kind === 'static_token') {
      const token = remember(readSecret('the static token', config.token));
      return { token, expiresOnTimestamp: Date.now() + hourMs };
    }
    const secret =
      config.kind === 'client_secret'
        ? remember(readSecret('the client secret', config.clientSecret))
        : '';
    if (built?.secret !== secret) {
      built = { secret, credential: await build(config, secret, authorityHost) };
    }
    return built.credential.getToken(scopes, options);
  };
}

function readSecret(what: string, read: () => string): string {
  try {
    return read();
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new ExternalError(`${what} cannot be read: ${why}`, {
      reason: 'denied',
      operation: 'credential',
      ofCredentials: true,
      hint: 'See that the file or the variable it comes from is there and readable.',
    });
  }
}

async function build(
  config: Exclude<AzureCredentialConfig, { kind: 'static_token' }>,
  secret: string,
  authorityHost: string | undefined,
): Promise<TokenCredential> {
  const identity = await import('@azure/identity');
  const authority = authorityHost === undefined ? {} : { authorityHost };
  if (config.kind === 'default') return new identity.DefaultAzureCredential(authority);
  if (config.kind === 'client_secret') {
    const { tenantId, clientId } = config;
    return new identity.ClientSecretCredential(tenantId, clientId, secret, authority);
  }
  const who = config.clientId === undefined ? {} : { clientId: config.clientId };
  if (config.kind === 'managed_identity') {
    return new identity.ManagedIdentityCredential({ ...authority, ...who });
  }
  return new identity.WorkloadIdentityCredential({
    ...authority,
    ...who,
    ...(config.tenantId === undefined ? {} : { tenantId: config.tenantId }),
    ...(config.tokenFile === undefined ? {} : { tokenFilePath: config.tokenFile }),
  });
}
