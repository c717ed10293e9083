import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { GitError } from '../git-error.ts';

/** Which addresses may be connected to (security.md, What Git may do). */
export interface AddressPolicy {
  /** Hosts that may be on this machine. */
  readonly loopbackHosts: ReadonlySet<string>;
  /** Ranges denied by configuration, as `10.96.0.0/12`. */
  readonly deniedRanges: readonly string[];
}

/** Says why an address is denied to a host, or undefined when it is allowed. */
export type AddressJudge = (hostname: string, address: string) => string | undefined;

/** Makes the judge. Throws GIT_URL_REFUSED when a range is not one. */
export function addressJudge(policy: AddressPolicy): AddressJudge {
  const denied = blockList(policy.deniedRanges);
  const loopback = blockList(['127.0.0.0/8', '::1/128', '0.0.0.0/8', '::/128']);
  // Cloud metadata services live on link-local addresses: a Git URL must never reach them.
  const linkLocal = blockList(['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::254/128']);
  return function judge(hostname, address) {
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (linkLocal.check(address, family)) return `${address} is a link-local address`;
    if (denied.check(address, family)) return `${address} lies in a denied range`;
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

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefixText = ''] = range.split('/');
    const family = isIP(address);
    const prefix = Number(prefixText);
    const isPrefix = /^[0-9]{1,3}$/.test(prefixText) && prefix <= (family === 6 ? 128 : 32);
    if (family === 0 || !isPrefix) {
      throw new GitError(
        'GIT_URL_REFUSED',
        `${JSON.stringify(range)} is not an address range such as 10.96.0.0/12`,
      );
    }
    list.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
