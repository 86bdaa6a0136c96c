/** The addresses of one Azure cloud, chosen by the Resource Manager endpoint alone. */
export interface AzureCloud {
  /** `https://management.azure.com`, without a trailing slash. */
  readonly managementUrl: string;
  /** Token scope of Resource Manager, without `/.default`. */
  readonly managementAudience: string;
  readonly batchAudience: string;
  /** The metrics data plane of a region. */
  readonly batchUrl: (region: string) => string;
  /** Where tokens come from; absent: where the identity library looks by itself. */
  readonly authorityHost?: string;
}

interface KnownCloud {
  readonly management: string;
  readonly batchHost: string;
  readonly authorityHost?: string;
}

const publicCloud: KnownCloud = {
  management: 'https://management.azure.com',
  batchHost: 'metrics.monitor.azure.com',
};

/** https://learn.microsoft.com/en-us/azure/azure-government/compare-azure-government-global-azure */
const knownClouds: readonly KnownCloud[] = [
  publicCloud,
  {
    management: 'https://management.usgovcloudapi.net',
    batchHost: 'metrics.monitor.azure.us',
    authorityHost: 'https://login.microsoftonline.us',
  },
  {
    management: 'https://management.chinacloudapi.cn',
    batchHost: 'metrics.monitor.azure.cn',
    authorityHost: 'https://login.chinacloudapi.cn',
  },
];

/** An endpoint that is no known cloud's stands for everything; its tokens are the public cloud's. */
export function cloudOf(endpoint: string | undefined): AzureCloud {
  const managementUrl = endpoint === undefined ? publicCloud.management : new URL(endpoint).origin;
  const known = knownClouds.find((cloud) => cloud.management === managementUrl);
  const { management, batchHost, authorityHost } = known ?? publicCloud;
  return {
    managementUrl,
    managementAudience: management,
    batchAudience: `https://${batchHost}`,
    batchUrl: (region) => (known === undefined ? managementUrl : `https://${region}.${batchHost}`),
    ...(authorityHost === undefined ? {} : { authorityHost }),
  };
}
