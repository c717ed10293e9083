import {
  type ClusterName,
  type ClusterUid,
  type Json,
  limits,
  parseClusterName,
  parseClusterUid,
  type Result,
} from '@flotilla/shared/base';
import type { Cluster, Taint } from '@flotilla/shared/model';
import { type RecordProblem, readRecord, recordOf } from './record-fields.ts';
import type { Redemption, TokenRecord } from './token-record.ts';

/** A cluster of the fleet as the hub keeps it: bucket `flotilla-clusters`, key = uid. */
export interface Registration {
  readonly uid: ClusterUid;
  readonly name: ClusterName;
  readonly labels: { readonly [key: string]: string };
  readonly taints: readonly Taint[];
  readonly isCordoned: boolean;
  readonly registeredAtMs: number;
  /** uid of the cluster's kube-system namespace as the agent said it; shown to people, proves nothing. '' = not said. */
  readonly kubeSystemUid: string;
  /** Version of the agent that enrolled or renewed last. */
  readonly agentVersion: string;
  /** Tokens that lead to this registration and may still be repeated, newest last: removing it withdraws them all. */
  readonly tokens: readonly UsedToken[];
  /** Public key of the bus user that the last credential was made for. */
  readonly natsUserKey: string;
  /** Certificates issued and not ended yet, newest last, bounded. */
  readonly certificates: readonly IssuedCertificate[];
  /** Keys that must not come back while a certificate or a token for them may still be out there. */
  readonly revokedKeys: readonly RevokedKey[];
}

/** A token that was redeemed for a registration. */
export interface UsedToken {
  readonly id: string;
  /** End of its time. */
  readonly untilMs: number;
}

/** A certificate that an agent may hold. */
export interface IssuedCertificate {
  /** Lower-case hex. */
  readonly serial: string;
  /** sha-256 of its public key, base64url. */
  readonly keyHash: string;
  readonly notAfterMs: number;
}

/** A key that is refused although its certificate verifies. */
export interface RevokedKey {
  readonly keyHash: string;
  /** Forgotten after this. */
  readonly untilMs: number;
}

/** What the agent says of itself when it enrols or renews. */
export interface AgentClaims {
  readonly natsUserKey: string;
  readonly kubeSystemUid: string;
  readonly agentVersion: string;
}

const registrationFormat = 1;

/** The registration that a redeemed token stands for: derived from its record alone, plus what the agent says of itself. */
export function newRegistration(
  token: TokenRecord,
  redemption: Redemption,
  claims: AgentClaims,
): Registration {
  return {
    uid: redemption.uid,
    name: redemption.name,
    labels: token.labels,
    taints: [],
    isCordoned: false,
    registeredAtMs: redemption.atMs,
    tokens: [{ id: token.id, untilMs: token.expiresAtMs }],
    certificates: [],
    revokedKeys: [],
    ...claims,
  };
}

/** The registration with one more certificate; ended ones are forgotten, and of more than the bound the oldest. */
export function withCertificate(
  registration: Registration,
  issued: IssuedCertificate,
  nowMs: number,
): Registration {
  const live = registration.certificates.filter(({ notAfterMs }) => notAfterMs > nowMs);
  return {
    ...registration,
    certificates: [...live, issued].slice(-limits.certificatesPerClusterMax),
    revokedKeys: registration.revokedKeys.filter(({ untilMs }) => untilMs > nowMs),
  };
}

/**
 * The registration after its cluster joined again with another key: name, labels and uid stay, every earlier key is
 * refused from now on, as long as a certificate or a repeated token could bring it back.
 */
export function takenOver(
  registration: Registration,
  token: TokenRecord,
  keyHash: string,
  nowMs: number,
): Registration {
  const untilMs = nowMs + limits.joinTokenLifeMsMax;
  const old = registration.certificates.filter((certificate) => certificate.keyHash !== keyHash);
  const revoked = new Map(registration.revokedKeys.map((one) => [one.keyHash, one]));
  for (const { keyHash: hash, notAfterMs } of old) {
    revoked.set(hash, { keyHash: hash, untilMs: Math.max(untilMs, notAfterMs) });
  }
  const live = registration.tokens.filter((one) => one.id !== token.id && one.untilMs > nowMs);
  return {
    ...registration,
    tokens: [...live, { id: token.id, untilMs: token.expiresAtMs }].slice(-limits.certificatesPerClusterMax),
    certificates: registration.certificates.filter((certificate) => certificate.keyHash === keyHash),
    revokedKeys: [...revoked.values()].slice(-limits.certificatesPerClusterMax),
  };
}

/** Whether that key was shut out. */
export function isRevoked(registration: Registration, keyHash: string): boolean {
  return registration.revokedKeys.some((one) => one.keyHash === keyHash);
}

/** Hash of the key that the newest certificate was issued for; undefined when there is none. */
export function currentKeyHash(registration: Registration): string | undefined {
  return registration.certificates.at(-1)?.keyHash;
}

/** What rules and views see of it. */
export function clusterOf(registration: Registration): Cluster {
  const { uid, name, labels, taints, isCordoned, registeredAtMs } = registration;
  return { uid, name, labels, taints, isCordoned, registeredAtMs };
}

/** The record as it is stored. */
export function encodeRegistration(registration: Registration): Json {
  const { labels, taints, tokens, certificates, revokedKeys, ...rest } = registration;
  return recordOf({
    format: registrationFormat,
    ...rest,
    labels: { ...labels },
    taints: taints.map((taint) => ({ ...taint })),
    tokens: tokens.map((one) => ({ ...one })),
    certificates: certificates.map((one) => ({ ...one })),
    revokedKeys: revokedKeys.map((one) => ({ ...one })),
  });
}

/** Reads a stored record. */
export function parseRegistration(value: unknown): Result<Registration, RecordProblem> {
  return readRecord(value, { what: 'a registration', format: registrationFormat }, (fields) => ({
    uid: fields.parsed('uid', parseClusterUid),
    name: fields.parsed('name', parseClusterName),
    labels: fields.texts('labels'),
    taints: fields.list('taints').map((one) => ({ key: one.text('key'), value: one.text('value') })),
    isCordoned: fields.flag('isCordoned'),
    registeredAtMs: fields.integer('registeredAtMs'),
    kubeSystemUid: fields.text('kubeSystemUid'),
    agentVersion: fields.text('agentVersion'),
    tokens: fields.list('tokens').map((one) => ({ id: one.text('id'), untilMs: one.integer('untilMs') })),
    natsUserKey: fields.text('natsUserKey'),
    certificates: fields.list('certificates').map((one) => ({
      serial: one.text('serial'),
      keyHash: one.text('keyHash'),
      notAfterMs: one.integer('notAfterMs'),
    })),
    revokedKeys: fields
      .list('revokedKeys')
      .map((one) => ({ keyHash: one.text('keyHash'), untilMs: one.integer('untilMs') })),
  }));
}
