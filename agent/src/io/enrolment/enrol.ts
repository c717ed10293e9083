import { EnrolmentServiceClient, type EnrolRequest, type EnrolResponse } from '@flotilla/proto/enrolment';
import type { Json } from '@flotilla/shared/base';
import { parseClusterName, parseClusterUid, parseHubId, type Result } from '@flotilla/shared/base';
import { certificatesPem, createNkey, readNkeySeed } from '@flotilla/shared/kit';
import { type JoinLine, parseJoinLine } from '@flotilla/shared/model';
import { credentials, Metadata } from '@grpc/grpc-js';
import type { AgentIdentity, StateStore } from '../../ports.ts';
import { diallingOf } from '../hub-link/dialled-host.ts';
import { fromServiceError } from '../hub-link/hub-link-error.ts';
import { checkIdentity } from './check-identity.ts';
import { EnrolmentError } from './enrolment-error.ts';
import { findPinnedAuthority } from './pinned-authority.ts';
import { newPrivateKeyPem, signingRequestFor } from './signing-request.ts';
import { writeIdentity } from './stored-identity.ts';

/** What joining needs. */
export interface EnrolOptions {
  /** `HOST:PORT/flt1.…`; a secret. */
  readonly joinLine: string;
  readonly store: StateStore;
  /** uid of the cluster's kube-system namespace, for people. */
  readonly kubeSystemUid: string;
  readonly agentVersion: string;
  /** Name for a token that fixes none; undefined = none is wished. */
  readonly wishedName?: string | undefined;
  /** Takes a hub on this machine without looking at the pin (--insecure-skip-pin). Default false. */
  readonly skipsPin?: boolean;
}

/**
 * Keys that were made for joining; durable before the first call, so that a lost answer can be asked for again. They are
 * kept over several tokens: the key proves to the hub that a second token is in the same hands.
 */
interface PendingKeys {
  readonly privateKeyPem: string;
  readonly natsSeed: string;
}

const pendingKey = 'identity-pending';
const joinedKey = 'identity-joined';
const callMs = 30_000;

/**
 * Redeems a join line for an identity and keeps it under `identity`. Running it again with the same line, after a crash
 * at any point, gives the same identity. Rejects with EnrolmentError (never quoting the token) or HubLinkError.
 */
export async function enrol(options: EnrolOptions, signal: AbortSignal): Promise<AgentIdentity> {
  const line = parsed(parseJoinLine(options.joinLine));
  const keys = await pendingKeys(options.store, signal);
  const { pins } = line.token;
  const target = { address: line.address, pins, skipsPin: options.skipsPin ?? false };
  const authorityPem = await findPinnedAuthority(target, signal);
  const response = await redeem(line, authorityPem, requestOf(line, keys, options), signal);
  const identity = identityOf(response, keys);
  checkIdentity(identity, Date.now());
  // Before the identity: a crash in between finds no identity and asks again, which gives the same one.
  await options.store.write(joinedKey, { format: 1, tokenId: line.token.id }, signal);
  await writeIdentity(options.store, identity, signal);
  await options.store.remove(pendingKey, signal);
  return identity;
}

/**
 * Whether the identity that is kept came from that join line: the same line at every start means nothing new, another
 * one means that a person wants this agent to join again.
 */
export async function isJoinedBy(store: StateStore, joinLine: string, signal: AbortSignal): Promise<boolean> {
  const value = await store.read(joinedKey, signal);
  if (typeof value !== 'object' || value === null || !('tokenId' in value)) return true;
  return value['tokenId'] === parsed(parseJoinLine(joinLine)).token.id;
}

function parsed(line: Result<JoinLine, string>): JoinLine {
  if (line.ok) return line.value;
  throw new EnrolmentError(`the join line cannot be read: ${line.error}`, {
    code: 'JOIN_LINE',
    retry: 'never',
  });
}

async function pendingKeys(store: StateStore, signal: AbortSignal): Promise<PendingKeys> {
  const stored = readPending(await store.read(pendingKey, signal));
  if (stored !== undefined) return stored;
  const fresh: PendingKeys = { privateKeyPem: newPrivateKeyPem(), natsSeed: createNkey('user').seed };
  await store.write(pendingKey, { format: 1, ...fresh }, signal);
  return fresh;
}

function readPending(value: Json | undefined): PendingKeys | undefined {
  if (typeof value !== 'object' || value === null || !('privateKeyPem' in value)) return undefined;
  const { natsSeed, privateKeyPem } = value;
  return typeof natsSeed === 'string' && typeof privateKeyPem === 'string'
    ? { natsSeed, privateKeyPem }
    : undefined;
}

function requestOf(line: JoinLine, keys: PendingKeys, options: EnrolOptions): EnrolRequest {
  return {
    tokenId: line.token.id,
    tokenSecret: line.token.secret,
    csrDer: Buffer.from(signingRequestFor(keys.privateKeyPem)),
    natsUserKey: readNkeySeed('user', keys.natsSeed).publicKey,
    kubeSystemUid: options.kubeSystemUid,
    agentVersion: options.agentVersion,
    wishedName: options.wishedName ?? '',
  };
}

async function redeem(
  line: JoinLine,
  authorityPem: string,
  request: EnrolRequest,
  signal: AbortSignal,
): Promise<EnrolResponse> {
  const { options, verify } = diallingOf(line.address);
  const trusted = credentials.createSsl(Buffer.from(authorityPem), null, null, verify);
  const client = new EnrolmentServiceClient(line.address, trusted, { 'grpc.enable_retries': 0, ...options });
  try {
    return await new Promise<EnrolResponse>((resolve, reject) => {
      const call = client.enrol(
        request,
        new Metadata(),
        { deadline: Date.now() + callMs },
        (error, response) => {
          signal.removeEventListener('abort', onAbort);
          if (error === null) resolve(response);
          else
            reject(
              signal.aborted ? signal.reason : fromServiceError(`cannot join at ${line.address}`, error),
            );
        },
      );
      const onAbort = (): void => call.cancel();
      signal.addEventListener('abort', onAbort, { once: true });
    });
  } finally {
    client.close();
  }
}

function identityOf(response: EnrolResponse, keys: PendingKeys): AgentIdentity {
  const [hubId, clusterUid, clusterName] = [
    parseHubId(response.hubId),
    parseClusterUid(response.clusterUid),
    parseClusterName(response.clusterName),
  ];
  const isWhole = response.certificateChain.length > 0 && response.caBundle.length > 0;
  if (!hubId.ok || !clusterUid.ok || !clusterName.ok || !isWhole) {
    throw new EnrolmentError('the hub answered the enrolment with an incomplete identity', {
      code: 'ENROL_ANSWER',
      retry: 'backoff',
    });
  }
  return {
    hubId: hubId.value,
    clusterUid: clusterUid.value,
    clusterName: clusterName.value,
    agentsAddress: response.agentsAddress,
    privateKeyPem: keys.privateKeyPem,
    certificateChainPem: certificatesPem(response.certificateChain),
    caBundlePem: certificatesPem(response.caBundle),
    natsSeed: keys.natsSeed,
    natsUserJwt: response.natsUserJwt,
    natsUrls: response.natsUrls,
  };
}
