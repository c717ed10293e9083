import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ClusterName,
  type ClusterUid,
  parseClusterName,
  parseClusterUid,
  parseHubId,
  uidFromBytes,
} from '@flotilla/shared/base';
import { createNkey, silentLogger } from '@flotilla/shared/kit';
import { type ManualClock, manualClock } from '@flotilla/shared/kit/manual-clock';
import { parseJoinToken } from '@flotilla/shared/model';
import { type MemoryBucket, memoryBucket } from '../../../../test/fakes/bucket.ts';
import { parseRegistration, type Registration } from '../../core/enrol/index.ts';
import type { EnrolAnswer, EnrolCall, EnrolHandler, EnrolmentSigner } from '../../enrolment-port.ts';
import { openIdentity } from '../../io/signer/index.ts';
import type { Bucket } from '../../ports.ts';
import type { EnrolDeps, TokenAlarm } from './deps.ts';
import { issueToken, type TokenRequest } from './issue-token.ts';
import { createEnrolHandler } from './redeem.ts';

/**
 * A signer that certifies whatever it is asked with one certificate, made for the occasion; a request is the text of its
 * key's hash.
 */
export async function quickSigner(): Promise<EnrolmentSigner> {
  const dataDir = await mkdtemp(join(tmpdir(), 'flotilla-enrol-'));
  const names = { trustDomain: 'flotilla', serverNames: [] };
  const identity = await openIdentity({ dataDir, ...names, clock: manualClock() });
  await rm(dataDir, { recursive: true });
  const certificate = identity.signer.caBundle[0];
  if (certificate === undefined) throw new Error('the identity has no authority');
  return {
    caBundle: [certificate],
    pin: 'p'.repeat(43),
    macRow: () => {
      throw new Error('enrolment signs no rows');
    },
    readCsr: async (csr) => ({ keyHash: new TextDecoder().decode(csr) }),
    issueAgentCertificate: async () => [certificate],
    natsUserJwt: (uid, key) => `${uid}:${key}`,
  };
}

/** Everything of one hub's enrolment in memory. */
export interface EnrolWorld {
  readonly clock: ManualClock;
  readonly tokens: MemoryBucket;
  readonly clusters: MemoryBucket;
  readonly deps: EnrolDeps;
  readonly alarms: TokenAlarm[];
  readonly enrol: EnrolHandler;
}

/** A new world. `wrap` may put faults between the handlers and the records. */
export function enrolWorld(
  signer: EnrolmentSigner,
  wrap: (bucket: Bucket) => Bucket = (bucket) => bucket,
): EnrolWorld {
  const clock = manualClock();
  const tokens = memoryBucket();
  const clusters = memoryBucket();
  const alarms: TokenAlarm[] = [];
  let made = 0;
  const deps: EnrolDeps = {
    hubId: good(parseHubId('h'.repeat(26))),
    tokens: wrap(tokens),
    clusters: wrap(clusters),
    signer,
    clock,
    log: silentLogger,
    newUid: () => {
      made += 1;
      return uidOf(made);
    },
    whereabouts: () => ({ agentsAddress: 'hub.example:7443', natsUrls: ['tls://hub.example:4222'] }),
    onAlarm: (alarm) => alarms.push(alarm),
  };
  return { clock, tokens, clusters, deps, alarms, enrol: createEnrolHandler(deps) };
}

/** The n-th uid. */
export function uidOf(n: number): ClusterUid {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(0, n);
  return good(parseClusterUid(uidFromBytes(bytes)));
}

/** A cluster name. */
export function nameOf(text: string): ClusterName {
  return good(parseClusterName(text));
}

/** A token in the hands of an agent. */
export interface Token {
  readonly id: string;
  readonly secret: string;
}

/** Issues a token straight into the records, without faults. */
export async function tokenFor(
  { tokens, clusters, clock, deps }: EnrolWorld,
  request: Partial<TokenRequest> = {},
): Promise<Token> {
  const issued = await issueToken(
    { tokens, clusters, clock, signer: deps.signer },
    {
      clusterName: undefined,
      isRejoin: false,
      labels: {},
      lifeMs: 3_600_000,
      createdBy: 'admin',
      reason: '',
      ...request,
    },
    new AbortController().signal,
  );
  if (!issued.ok) throw new Error(issued.error.text);
  return good(parseJoinToken(issued.value.token));
}

const natsUserKey = createNkey('user').publicKey;

/** A call as an agent with that key makes it. Each comes from an address of its own unless said. */
export function callOf(token: Token, keyHash: string, change: Partial<EnrolCall> = {}): EnrolCall {
  calls += 1;
  return {
    tokenId: token.id,
    tokenSecret: token.secret,
    csrDer: new TextEncoder().encode(keyHash),
    natsUserKey,
    kubeSystemUid: '',
    agentVersion: '0.1.0',
    wishedName: undefined,
    remoteAddress: `192.0.2.${calls}`,
    ...change,
  };
}

let calls = 0;

/** The answer to an agent that is taken in; throws when it is refused. */
export async function enrolledIn(
  world: EnrolWorld,
  ask: { readonly token: Token; readonly key: string; readonly change?: Partial<EnrolCall> },
): Promise<EnrolAnswer> {
  const answer = await world.enrol(callOf(ask.token, ask.key, ask.change), new AbortController().signal);
  if (answer.ok) return answer.value;
  throw new Error(answer.error.text);
}

/** The registration of a cluster; throws when there is none. */
export async function registrationIn({ clusters }: EnrolWorld, uid: ClusterUid): Promise<Registration> {
  return good(parseRegistration((await clusters.get(uid, new AbortController().signal))?.value));
}

function good<T>(parsed: { readonly ok: true; readonly value: T } | { readonly ok: false }): T {
  if (parsed.ok) return parsed.value;
  throw new Error('the words of this fixture are malformed');
}
