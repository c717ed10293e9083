import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import type { Auth, NodeConnectionOptions } from '@nats-io/transport-node';
import { fullJitterMs } from '../../base/index.ts';
import { readNkeySeed } from '../nkey.ts';
import { tlsVersionMin } from '../tls.ts';
import type { BusCredentials, BusOptions } from './bus.ts';

const dialMs = 10_000;

/** The options of one connection in the library's words. `attempts.count` is what the pause between dials grows with. */
export function libraryOptions(options: BusOptions, attempts: { count: number }): NodeConnectionOptions {
  const { backoff, random } = options;
  // One delay for each attempt: the library asks again and again while it waits.
  const drawn = { attempt: -1, ms: 0 };
  return {
    name: options.name,
    servers: [...options.servers()],
    timeout: dialMs,
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    ignoreClusterUpdates: true,
    pingInterval: options.pingMs,
    maxPingOut: 2,
    authenticator: (nonce?: string) => authenticate(options, nonce),
    reconnectDelayHandler: () => {
      if (drawn.attempt !== attempts.count) {
        drawn.attempt = attempts.count;
        drawn.ms = fullJitterMs(attempts.count, backoff, random);
      }
      return drawn.ms;
    },
    ...(options.inboxPrefix === undefined ? {} : { inboxPrefix: options.inboxPrefix }),
    ...tlsOptions(options),
  };
}

/**
 * What the library hands to Node's TLS. It knows a host to check only for names, and for addresses Node then checks
 * `localhost`: so the certificate is checked here against the hosts that we were told to dial.
 */
function tlsOptions({ caPem, servers }: BusOptions): Pick<NodeConnectionOptions, 'tls'> {
  const isDemanded = caPem?.() !== undefined || servers().some((url) => url.startsWith('tls:'));
  if (!isDemanded) return {};
  const tls = {
    minVersion: tlsVersionMin,
    // Read by the library at every dial.
    get ca() {
      return caPem?.();
    },
    checkServerIdentity(_host: string, certificate: PeerCertificate): Error | undefined {
      const problems = servers().map((url) => checkServerIdentity(hostOf(url), certificate));
      return problems.includes(undefined) ? undefined : problems[0];
    },
  };
  // The library's type lacks what it passes on to Node, and calls `ca` a text that is always there.
  return { tls: tls as NonNullable<NodeConnectionOptions['tls']> };
}

/** Host of a bus URL; IPv6 addresses without their brackets. */
function hostOf(url: string): string {
  return (URL.parse(url)?.hostname ?? url).replace(/^\[(.*)\]$/, '$1');
}

/** Never throws: the library closes the connection for good when its authenticator does. */
function authenticate({ credentials, log }: BusOptions, nonce: string | undefined): Auth {
  try {
    return authOf(credentials(), nonce);
  } catch (error) {
    log.error('bus credentials cannot be used', { error });
    return undefined;
  }
}

function authOf(credentials: BusCredentials | undefined, nonce: string | undefined): Auth {
  if (credentials === undefined) return undefined;
  if (credentials.kind === 'password') return { user: credentials.user, pass: credentials.password };
  const key = readNkeySeed('user', credentials.seed);
  const sig = Buffer.from(key.sign(nonce ?? '')).toString('base64url');
  return { jwt: credentials.jwt, nkey: key.publicKey, sig };
}
