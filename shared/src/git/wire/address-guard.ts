import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { GitError } from '../git-error.ts';
import { parseAddressRange } from './address-range.ts';

/** Which addresses may be connected to (security.md, What Git may do). */
export interface AddressPolicy {
  /** Hosts that may be on this machine. */
  readonly loopbackHosts: ReadonlySet<string>;
  /** Ranges denied by configuration, as `10.96.0.0/12`. */
  readonly deniedRanges: readonly string[];
}

/** Says why an address is denied to a host, or undefined when it is allowed. */
export type AddressJudge = (hostname: string, address: string) => string | undefined;

/** Loopback and "this host" (RFC 1122, RFC 4291): only to hosts that are listed. */
const loopbackRanges = ['127.0.0.0/8', '::1/128', '0.0.0.0/8', '::/128'];

/**
 * Where machines keep what only they themselves may know, on any cloud. Link-local (RFC 3927, RFC 4291) holds the metadata
 * service of most clouds; the rest are those that live elsewhere.
 */
const metadataRanges: ReadonlyMap<string, string> = new Map([
  ['169.254.0.0/16', 'is a link-local address'],
  ['fe80::/10', 'is a link-local address'],
  ['fd00:ec2::/32', 'is a metadata address of Amazon'],
  ['fd20:ce::254/128', 'is a metadata address of Google'],
  ['168.63.129.16/32', 'is a metadata address of Azure'],
  ['100.100.100.200/32', 'is a metadata address of Alibaba'],
  ['192.0.0.192/32', 'is a metadata address of Oracle'],
]);

/** Makes the judge. What is denied always comes first: no setting allows it. Throws GIT_URL_REFUSED when a range is not one. */
export function addressJudge(policy: AddressPolicy): AddressJudge {
  const metadata = [...metadataRanges].map(([range, why]) => ({ list: blockList([range]), why }));
  const denied = policy.deniedRanges.map((range) => ({ list: blockList([range]), range }));
  const loopback = blockList(loopbackRanges);
  return function judge(hostname, address) {
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const secret = metadata.find(({ list }) => list.check(address, family));
    if (secret !== undefined) return `${address} ${secret.why}`;
    const within = denied.find(({ list }) => list.check(address, family));
    if (within !== undefined) return `${address} lies in the denied range ${within.range}`;
    if (loopback.check(address, family) && !policy.loopbackHosts.has(hostname)) {
      return `${address} is a loopback address and the host is not listed for that`;
    }
    return undefined;
  };
}

/** A name lookup for node:http that only lets allowed addresses through; what is connected to is what was judged. */
export function guardedLookup(judge: AddressJudge): LookupFunction {
  return function guarded(hostname, options, callback) {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const allowed = addresses.filter(({ address }) => judge(hostname, address) === undefined);
      const first = allowed[0];
      if (first === undefined) return callback(refusal(hostname, addresses, judge), '', 0);
      if (options.all === true) return callback(null, allowed);
      return callback(null, first.address, first.family);
    });
  };
}

function refusal(hostname: string, addresses: readonly LookupAddress[], judge: AddressJudge): GitError {
  const why = addresses.map(({ address }) => judge(hostname, address)).find((text) => text !== undefined);
  return new GitError(
    'GIT_ADDRESS_REFUSED',
    `${hostname} is not connected to: ${why ?? 'it has no address'}`,
  );
}

/** Prefixes under which NAT64 shows IPv4 addresses (RFC 6052, and RFC 8215 for local use). */
const nat64 = ['64:ff9b::', '64:ff9b:1::'];

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const read = parseAddressRange(range);
    if (!read.ok) throw new GitError('GIT_URL_REFUSED', `a denied range ${read.error}`);
    const { address, family, prefix } = read.value;
    list.addSubnet(address, prefix, family);
    // A gateway leads the IPv6 forms of an IPv4 address to the same place.
    if (family === 'ipv4') for (const form of nat64) list.addSubnet(`${form}${address}`, 96 + prefix, 'ipv6');
  }
  return list;
}
