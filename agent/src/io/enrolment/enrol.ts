import { EnrolmentServiceClient, type EnrolRequest, type EnrolResponse } from '@flotilla/proto/enrolment';
import type { Json } from '@flotilla/shared/base';
import { parseClusterName, parseClusterUid, parseHubId, type Result } from '@flotilla/shared/base';
import { certificatesPem, createNkey, readNkeySeed } from '@flotilla/shared/kit';
import { type JoinLine, parseJoinLine } from '@flotilla/shared/model';
import { credentials, Metadata } from '@grpc/grpc-js';
import type { AgentIdentity, StateStore } from '../../ports.ts';
import { fromServiceError } from '../hub-link/hub-link-error.ts';
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
}

/** Keys that were made for a token; durable before the first call, so that a lost answer can be asked for again. */
interface PendingKeys {
  readonly tokenId: string;
  readonly privateKeyPem: string;
  readonly natsSeed: string;
}

const pendingKey = 'identity-pending';
const callMs = 30_000;

/**
 * Redeems a join line for an identity and keeps it under `identity`. Running it again with the same line, after a crash
 * at any point, gives the same identity. Rejects with EnrolmentError (never quoting the token) or HubLinkError.
 */
export async function enrol(options: EnrolOptions, signal: AbortSignal): Promise<AgentIdentity> {
  const line = parsed(parseJoinLine(options.joinLine));
  const keys = await pendingKeys(options.store, line, signal);
  const authorityPem = await findPinnedAuthority({ address: line.address, pins: line.token.pins }, signal);
  const response = await redeem(line, authorityPem, requestOf(line, keys, options), signal);
  const identity = identityOf(response, keys);
  await writeIdentity(options.store, identity, signal);
  await options.store.remove(pendingKey, signal);
  return identity;
}

function parsed(line: Result<JoinLine, string>): JoinLine {
  if (line.ok) return line.value;
  throw new EnrolmentError(`the join line cannot be read: ${line.error}`, {
    code: 'JOIN_LINE',
    retry: 'never',
  });
}

async function pendingKeys(store: StateStore, line: JoinLine, signal: AbortSignal): Promise<PendingKeys> {
  const stored = readPending(await store.read(pendingKey, signal));
  if (stored?.tokenId === line.token.id) return stored;
  const fresh: PendingKeys = {
    tokenId: line.token.id,
    privateKeyPem: newPrivateKeyPem(),
    natsSeed: createNkey('user').seed,
  };
  await store.write(pendingKey, { format: 1, ...fresh }, signal);
  return fresh;
}

function readPending(value: Json | undefined): PendingKeys | undefined {
  if (typeof value !== 'object' || value === null || !('tokenId' in value)) return undefined;
  const { natsSeed, privateKeyPem, tokenId } = value;
  const isWhole =
    typeof natsSeed === 'string' && typeof privateKeyPem === 'string' && typeof tokenId === 'string';
  return isWhole ? { natsSeed, privateKeyPem, tokenId } : undefined;
}

function requestOf(line: JoinLine, keys: PendingKeys, options: EnrolOptions): EnrolRequest {
  return {
    tokenId: line.token.id,
    tokenSecret: line.token.secret,
    csrDer: Buffer.from(signingRequestFor(keys.privateKeyPem)),
    natsUserKey: readNkeySeed('user', keys.natsSeed).publicKey,
    kubeSystemUid: options.kubeSystemUid,
    agentVersion: options.agentVersion,
    wishedName: '',
  };
}

async function redeem(
  line: JoinLine,
  authorityPem: string,
  request: EnrolRequest,
  signal: AbortSignal,
): Promise<EnrolResponse> {
  const client = new EnrolmentServiceClient(line.address, credentials.createSsl(Buffer.from(authorityPem)), {
    'grpc.enable_retries': 0,
  });
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
