import { type ClusterUid, type Json, limits } from '@flotilla/shared/base';
import { createNkey, type NkeyPair } from '@flotilla/shared/kit';
import { encodeNatsJwt } from './jwt.ts';

/** The keys of the bus's operator and accounts; secrets of the hub. */
export interface NatsKeys {
  readonly operator: NkeyPair;
  /** System account: where account changes and revocations are pushed to a server. */
  readonly sys: NkeyPair;
  /** Account of decisions, audit and buckets: hub processes only. */
  readonly hub: NkeyPair;
  /** Account of reports and events: agents, and the hub as a second user. */
  readonly fleet: NkeyPair;
  /** Scoped signing key of account FLEET: every user that it signs is an agent with the template's rights. */
  readonly agents: NkeyPair;
}

/** One account as a server must know it. */
export interface NatsAccount {
  readonly name: 'SYS' | 'HUB' | 'FLEET';
  /** Public account key (A...). */
  readonly id: string;
  readonly jwt: string;
}

/** What a client shows to the server. */
export interface NatsCredentials {
  readonly jwt: string;
  /** Signs the server's nonce; a secret. */
  readonly seed: string;
}

/** Everything that a server and its users need; keys stay inside. */
export interface NatsAccounts {
  readonly operatorJwt: string;
  readonly accounts: readonly NatsAccount[];
  /** The account of the server itself. */
  readonly systemAccountId: string;
  /** For a hub process's connection to account HUB. The key lives in this process only, so it has no end. */
  hubUser(name: string): NatsCredentials;
  /** For a hub process's connection to account FLEET, where it owns the streams. */
  fleetUser(name: string): NatsCredentials;
  /** For the server's own account: its counts of connections, and later pushed revocations. */
  systemUser(name: string): NatsCredentials;
  /** For one agent: may publish its own subjects and hear its own inbox, nothing else. */
  agentUserJwt(uid: ClusterUid, userPublicKey: string, life: NatsLife): string;
}

/** When a user's JWT begins and ends, milliseconds since 1970. */
export interface NatsLife {
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

const unlimited = -1;
/** A client keeps one inbox subscription; the rest is room for its own request kinds. */
const agentSubscriptionsMax = 16;

/**
 * What an agent may do, enforced by the server for every user under the scoped signing key (`name()` is the cluster's
 * uid). The subjects and the inbox prefix are those of `bus-subjects.ts` in the model.
 */
const agentTemplate = {
  pub: { allow: ['flotilla.status.{{name()}}', 'flotilla.events.{{name()}}'] },
  sub: { allow: ['_INBOX_{{name()}}.>'] },
  subs: agentSubscriptionsMax,
  data: unlimited,
  payload: limits.agentMessageBytesMax,
  allowed_connection_types: ['STANDARD'],
} as const;

/** Makes all keys of a new bus. */
export function createNatsKeys(): NatsKeys {
  return {
    operator: createNkey('operator'),
    sys: createNkey('account'),
    hub: createNkey('account'),
    fleet: createNkey('account'),
    agents: createNkey('account'),
  };
}

/**
 * Mints what the keys stand for. The same keys and time give the same texts, so that a server's configuration does not
 * change from start to start. `issuedAtMs` is when the keys were made.
 */
export function mintNatsAccounts(keys: NatsKeys, issuedAtMs: number): NatsAccounts {
  const issuedAtS = Math.floor(issuedAtMs / 1_000);
  function account(
    name: NatsAccount['name'],
    key: NkeyPair,
    nats: { readonly [key: string]: Json },
  ): NatsAccount {
    const claims = { name, subject: key.publicKey, issuedAtS, kind: 'account', nats } as const;
    return { name, id: key.publicKey, jwt: encodeNatsJwt(claims, keys.operator) };
  }
  const scope = { kind: 'user_scope', key: keys.agents.publicKey, role: 'agent', template: agentTemplate };
  return {
    operatorJwt: encodeNatsJwt(
      {
        name: 'flotilla',
        subject: keys.operator.publicKey,
        issuedAtS,
        kind: 'operator',
        nats: { system_account: keys.sys.publicKey },
      },
      keys.operator,
    ),
    accounts: [
      account('SYS', keys.sys, { limits: accountLimits(0), default_permissions: {} }),
      account('HUB', keys.hub, { limits: accountLimits(unlimited), default_permissions: {} }),
      account('FLEET', keys.fleet, {
        limits: accountLimits(unlimited),
        default_permissions: {},
        signing_keys: [scope],
      }),
    ],
    systemAccountId: keys.sys.publicKey,
    hubUser: (name) => ownUser(name, keys.hub, issuedAtS),
    fleetUser: (name) => ownUser(name, keys.fleet, issuedAtS),
    systemUser: (name) => ownUser(name, keys.sys, issuedAtS),
    agentUserJwt: (uid, userPublicKey, life) =>
      encodeNatsJwt(
        {
          name: uid,
          subject: userPublicKey,
          issuedAtS: Math.floor(life.issuedAtMs / 1_000),
          expiresAtS: Math.floor(life.expiresAtMs / 1_000),
          kind: 'user',
          // Under a scoped key a user's own limits and permissions must be absent: the template is all there is.
          nats: { issuer_account: keys.fleet.publicKey },
        },
        keys.agents,
      ),
  };
}

/** `jetStream` is -1 for an account that may keep streams, 0 for one that may not. No leaf nodes, no imports, no exports. */
function accountLimits(jetStream: number): { readonly [key: string]: Json } {
  return {
    subs: unlimited,
    data: unlimited,
    payload: unlimited,
    imports: 0,
    exports: 0,
    wildcards: true,
    conn: unlimited,
    leaf: 0,
    mem_storage: jetStream,
    disk_storage: jetStream,
    streams: jetStream,
    consumer: jetStream,
  };
}

function ownUser(name: string, account: NkeyPair, issuedAtS: number): NatsCredentials {
  const user = createNkey('user');
  const nats = {
    pub: {},
    sub: {},
    subs: unlimited,
    data: unlimited,
    payload: unlimited,
    allowed_connection_types: ['STANDARD'],
  };
  const jwt = encodeNatsJwt({ name, subject: user.publicKey, issuedAtS, kind: 'user', nats }, account);
  return { jwt, seed: user.seed };
}
