import type { ClusterUid, Digest, Json, PlacementName } from '../base/index.ts';
import { digestOf, sha256Hex, stableJson } from '../base/index.ts';
import type { Row, RowVersion, Variant } from './assignment.ts';
import type { RowClaim } from './frames.ts';

/** The variant digest of a removal row: 32 zero bytes; the one constant that is a Digest without having been hashed. */
export const zeroDigest = '0'.repeat(64) as Digest;

/**
 * Digest of what a cluster gets: everything in the variant but the commit (a commit that changes no tree changes
 * nothing) and the health times (they steer the rollout, not the cluster).
 */
export function variantDigest(variant: Omit<Variant, 'digest'>): Digest {
  const { commit: _commit, ref: _ref, ...content } = variant.content;
  // Variants are plain data of the model; every member is JSON.
  return digestOf({
    content,
    render: variant.render,
    apply: variant.apply,
    checks: variant.health.checks,
    prune: variant.prune,
  } as unknown as Json);
}

/** What one held or desired row contributes to the digest of a set. */
export interface SetMember {
  readonly placement: PlacementName;
  readonly version: RowVersion;
  /** zeroDigest for a removal row. */
  readonly variantDigest: Digest;
}

/** What a row contributes to the digest of a set and to its MAC. */
export function memberOf(row: Row): SetMember {
  const variantDigest = row.kind === 'removal' ? zeroDigest : row.variant.digest;
  return { placement: row.placement, version: row.version, variantDigest };
}

/** What an agent shows of a row that it holds. */
export function claimOf(row: Row): RowClaim {
  return { ...memberOf(row), proof: row.proof, isRemoved: row.kind === 'removal' };
}

/**
 * Digest of a set of rows: sha-256 over one line `placement epoch seq variantDigest` for each, sorted by placement.
 * Equal sets have equal digests whatever their order; the empty set has the digest of the empty text.
 */
export function setDigest(members: Iterable<SetMember>): Digest {
  const lines = [...members].map(
    (one) => `${one.placement} ${one.version.epoch} ${one.version.seq} ${one.variantDigest}\n`,
  );
  return sha256Hex(lines.sort().join(''));
}

/** The text under a row's MAC: the hub's row key signs it, so that no agent can invent a version. */
export function rowMacInput(cluster: ClusterUid, row: SetMember, eventHash: Digest): string {
  return stableJson([
    'flotilla-row-1',
    cluster,
    row.placement,
    row.version.epoch,
    row.version.seq,
    row.variantDigest,
    eventHash,
  ]);
}
