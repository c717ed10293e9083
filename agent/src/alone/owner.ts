import { createHash } from 'node:crypto';
import { assert, type Digest, parseClusterUid, parseHubId } from '@flotilla/shared/base';
import type { SetOwner } from '../core/index.ts';

/**
 * Whose the sets of standalone commands are: the same for all of them on one cluster, whoever runs them where, and no hub's
 * agent. `uid` is the uid of the namespace kube-system.
 */
export function aloneOwner(uid: string): SetOwner {
  const hubId = parseHubId(idOf('flotilla-agent apply'));
  const clusterUid = parseClusterUid(idOf(`cluster ${uid}`));
  assert(hubId.ok && clusterUid.ok, 'ids are made of base32 characters');
  return { hubId: hubId.value, clusterUid: clusterUid.value };
}

/** What a row says of the hub that made it; nobody checks it here. */
export const noProof = { eventHash: '0'.repeat(64) as Digest, mac: '0'.repeat(64) as Digest };

const letters = 'abcdefghijklmnopqrstuvwxyz234567';

function idOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 26);
  return [...bytes].map((byte) => letters[byte % letters.length]).join('');
}
