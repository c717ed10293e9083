import { type ClusterUid, err, ok, parseClusterUid, type Result } from '../base/index.ts';

/** Trust domain names as SPIFFE allows them (SPIFFE-ID, 2.1). */
const trustDomainPattern = /^[a-z0-9._-]{1,255}$/;

/** Accepts the name of a trust domain: 1 to 255 of a-z, 0-9, ".", "-" and "_". */
export function parseTrustDomain(text: string): Result<string, string> {
  if (trustDomainPattern.test(text)) return ok(text);
  const shown = JSON.stringify(text.slice(0, 80));
  return err(`${shown} is not a trust domain (1 to 255 of a-z, 0-9, ".", "-" and "_")`);
}

/** The identity of a cluster's agent, as its certificate carries it: `spiffe://<trust domain>/cluster/<uid>`. */
export function clusterSpiffeId(trustDomain: string, uid: ClusterUid): string {
  return `spiffe://${trustDomain}/cluster/${uid}`;
}

/** Reads the uid out of an identity of that trust domain: exact match only, no prefix, no normalising. */
export function parseClusterSpiffeId(uri: string, trustDomain: string): Result<ClusterUid, string> {
  const head = `spiffe://${trustDomain}/cluster/`;
  const uid = uri.startsWith(head) ? parseClusterUid(uri.slice(head.length)) : undefined;
  if (uid?.ok) return uid;
  return err(`${JSON.stringify(uri.slice(0, 120))} is not ${head}<uid>`);
}
