import { isRevoked, type Registration } from './registration.ts';

/** Why an authenticated peer is turned away. */
export interface PeerRefusal {
  readonly code: 'NOT_REGISTERED' | 'KEY_REVOKED';
  readonly text: string;
}

/**
 * Whether the holder of a valid certificate is still a cluster of the fleet; undefined = it is. `registration` is the
 * record of the uid that the certificate names. Revocation of single certificates comes here.
 */
export function judgePeer(
  registration: Registration | undefined,
  peer: { readonly uid: string; readonly keyHash: string },
): PeerRefusal | undefined {
  if (registration === undefined) {
    return {
      code: 'NOT_REGISTERED',
      text:
        `cluster ${peer.uid} is not registered, or was removed: to bring it back, join it again with a token from ` +
        '"flotilla cluster join-command"',
    };
  }
  if (!isRevoked(registration, peer.keyHash)) return undefined;
  return {
    code: 'KEY_REVOKED',
    text:
      `key ${peer.keyHash} of cluster ${registration.name} was replaced when another agent joined again under that ` +
      'name: stop one of the two agents',
  };
}
