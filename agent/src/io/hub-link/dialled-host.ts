import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import type { ClientOptions, VerifyOptions } from '@grpc/grpc-js';

/** How a channel to one address is secured. */
export interface Dialling {
  readonly verify: VerifyOptions;
  readonly options: ClientOptions;
}

/** Stands in for an address where TLS wants a name; nobody can own it (RFC 2606). */
const noName = 'address.invalid';

/**
 * Options for a channel to `HOST:PORT` (an IPv6 address in brackets). A server name indication must be a DNS name
 * (RFC 6066, section 3), and grpc-js puts there whatever host was dialled, which Node warns of (DEP0123). So for an
 * address a name without meaning is sent, and the certificate is checked against the address that was dialled, as
 * without it. For a name nothing changes.
 */
export function diallingOf(address: string): Dialling {
  const host = address.slice(0, address.lastIndexOf(':')).replace(/^\[|\]$/g, '');
  if (isIP(host) === 0) return { verify: {}, options: {} };
  return {
    verify: { checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate) },
    options: { 'grpc.ssl_target_name_override': noName },
  };
}
