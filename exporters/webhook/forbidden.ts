import { BlockList, isIP } from 'node:net';

/**
 * Where clouds hand out credentials of the machine. A notifier's address may come from somebody who must not have them, and
 * a name may resolve to one of these, so it is looked at again after resolution. Loopback and private networks are where
 * relays and sidecars live: they are allowed.
 *
 * AWS https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
 * Azure https://learn.microsoft.com/en-us/azure/virtual-network/what-is-ip-address-168-63-129-16
 * Google https://cloud.google.com/compute/docs/metadata/querying-metadata
 * Alibaba https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata
 * Oracle https://docs.oracle.com/en-us/iaas/Content/Compute/Tasks/gettingmetadata.htm
 */
const v4: readonly (readonly [network: string, prefix: number])[] = [
  ['169.254.0.0', 16],
  ['168.63.129.16', 32],
  ['100.100.100.200', 32],
  ['192.0.0.192', 32],
];

const v6: readonly (readonly [network: string, prefix: number])[] = [
  ['fe80::', 10],
  ['fd00:ec2::254', 128],
  ['fd20:ce::254', 128],
  // The same through NAT64: https://www.rfc-editor.org/rfc/rfc6052
  ['64:ff9b::169.254.0.0', 112],
  ['64:ff9b::168.63.129.16', 128],
  ['64:ff9b::100.100.100.200', 128],
  ['64:ff9b::192.0.0.192', 128],
];

const names: readonly string[] = [
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
];

const forbidden = new BlockList();
for (const [network, prefix] of v4) forbidden.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of v6) forbidden.addSubnet(network, prefix, 'ipv6');

/** Whether an IP address is one of a metadata service or of the link itself; also where it is IPv4 within IPv6. */
export function isForbiddenAddress(address: string): boolean {
  const bare = address.replace(/%.*$/, '');
  const family = isIP(bare);
  if (family === 0) return false;
  return forbidden.check(bare, family === 4 ? 'ipv4' : 'ipv6');
}

/** The same of what a URL says: a name, or an address, with brackets where it is IPv6. */
export function isForbiddenHost(hostname: string): boolean {
  const bare = hostname
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
  return names.includes(bare) || isForbiddenAddress(bare);
}
