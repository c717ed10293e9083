/**
 * L5: what enrolment and renewal ask of the world and offer to it. Listeners decode calls into these types and hand
 * them to the loop of the same name; the identity comes from a token or from the peer's certificate, never from a name
 * in a message.
 */
import type { ClusterName, ClusterUid, HubId, Result } from '@flotilla/shared/base';
import type { Signer } from './ports.ts';

/** The signer with what enrolment needs besides. */
export interface EnrolmentSigner extends Signer {
  /** Hash of a request's public key after its signature was checked: sha-256 of the SPKI, base64url. Rejects with CsrError. */
  readCsr(csrDer: Uint8Array): Promise<{ readonly keyHash: string }>;
}

/** What an agent sends to redeem a token, shapes checked, contents not. */
export interface EnrolCall {
  readonly tokenId: string;
  readonly tokenSecret: string;
  readonly csrDer: Uint8Array;
  readonly natsUserKey: string;
  readonly kubeSystemUid: string;
  readonly agentVersion: string;
  /** Undefined when the agent wishes none. */
  readonly wishedName: string | undefined;
  /** Address of the caller without port, for its rate. */
  readonly remoteAddress: string;
}

/** The identity that a redeemed token gives. */
export interface EnrolAnswer extends RenewAnswer {
  readonly hubId: HubId;
  readonly clusterUid: ClusterUid;
  readonly clusterName: ClusterName;
  /** host:port of the agents' listener. */
  readonly agentsAddress: string;
}

/** Whom a certificate of ours names; the agents' listener reads it from the TLS session. */
export interface PeerIdentity {
  readonly uid: ClusterUid;
  /** sha-256 of the certificate's public key (SPKI), base64url. */
  readonly keyHash: string;
  /** Lower-case hex. */
  readonly serial: string;
}

/** What an agent sends over its authenticated channel to stay who it is. */
export interface RenewCall {
  readonly csrDer: Uint8Array;
  readonly natsUserKey: string;
}

/** A fresh certificate and bus credential. */
export interface RenewAnswer {
  /** DER, leaf first. */
  readonly certificateChain: readonly Uint8Array[];
  /** DER. */
  readonly caBundle: readonly Uint8Array[];
  readonly natsUserJwt: string;
  readonly natsUrls: readonly string[];
}

/** Why no identity is given. Codes are part of the protocol; agents decide by them. */
export type EnrolRefusalCode =
  /** No such token, or a wrong secret: the caller cannot tell which. */
  | 'TOKEN_UNKNOWN'
  | 'TOKEN_EXPIRED'
  /** Redeemed before with another key: alarm. */
  | 'TOKEN_USED'
  /** Its cluster was removed. */
  | 'TOKEN_WITHDRAWN'
  /** Neither the token nor the agent gives a name. */
  | 'NAME_MISSING'
  | 'NAME_TAKEN'
  | 'REQUEST_INVALID'
  /** The peer's cluster is not, or no longer, registered. */
  | 'NOT_REGISTERED'
  | 'KEY_REVOKED'
  | 'TOO_MANY';

/** A refusal: what was expected, what was presented, what to do. Holds no secret. */
export interface EnrolRefusal {
  readonly code: EnrolRefusalCode;
  readonly text: string;
  /** Try again not before; undefined = only after a change. Milliseconds. */
  readonly retryAfterMs?: number;
}

/** Redeems tokens. Rejects when the records cannot be reached; nothing was then given away. */
export type EnrolHandler = (
  call: EnrolCall,
  signal: AbortSignal,
) => Promise<Result<EnrolAnswer, EnrolRefusal>>;

/** Renews identities. Rejects when the records cannot be reached. */
export type RenewHandler = (
  peer: PeerIdentity,
  call: RenewCall,
  signal: AbortSignal,
) => Promise<Result<RenewAnswer, EnrolRefusal>>;
