import type { AwsSourceConfig, AzureSourceConfig } from '../config/sources.ts';

/** What a cloud's collector is given of a source; the collectors know nothing of configuration files. */
export function awsConfigOf(source: AwsSourceConfig) {
  return {
    name: source.name,
    regions: source.regions,
    roles: source.roles.map(({ arn, externalId }) => ({
      arn,
      ...(externalId === undefined ? {} : { externalId: () => externalId.reveal() }),
    })),
    linkedAccounts: source.linkedAccounts,
    ...(source.endpoint === undefined ? {} : { endpoint: source.endpoint }),
  };
}

/** Client secret and ids come from the variables Azure's own tools read. */
export function azureConfigOf(
  source: AzureSourceConfig,
  env: Readonly<Record<string, string | undefined>>,
) {
  return {
    name: source.name,
    subscriptions: source.subscriptions,
    credential: azureCredentialOf(source, env),
    batch: source.batch,
    timeoutMs: 30_000,
    ...(source.endpoint === undefined ? {} : { endpoint: source.endpoint }),
  };
}

function azureCredentialOf(
  { name, credential }: AzureSourceConfig,
  env: Readonly<Record<string, string | undefined>>,
) {
  if (typeof credential === 'object') {
    return { kind: 'static_token', token: () => credential.staticToken.reveal() } as const;
  }
  const needed = (variable: string) => {
    const value = env[variable];
    if (value !== undefined && value !== '') return value;
    throw new Error(
      `source ${name}: credential ${credential} needs the variable ${variable}; set it`,
    );
  };
  const clientId = env['AZURE_CLIENT_ID'];
  switch (credential) {
    case 'client_secret':
      needed('AZURE_CLIENT_SECRET');
      return {
        kind: 'client_secret',
        tenantId: needed('AZURE_TENANT_ID'),
        clientId: needed('AZURE_CLIENT_ID'),
        clientSecret: () => needed('AZURE_CLIENT_SECRET'),
      } as const;
    case 'managed_identity':
      return { kind: 'managed_identity', ...(clientId ? { clientId } : {}) } as const;
    case 'workload_identity':
      return { kind: 'workload_identity', ...(clientId ? { clientId } : {}) } as const;
    case 'default':
      return { kind: 'default' } as const;
    default:
      return credential satisfies never;
  }
}
