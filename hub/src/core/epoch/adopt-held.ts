import type { ClusterUid, Digest } from '@flotilla/shared/base';
import {
  compareVersions,
  type RolloutTarget,
  type RowsAdopted,
  type RowVersion,
  type Variant,
  zeroDigest,
} from '@flotilla/shared/model';
import type { DesiredPlacement, PlacementRow, RolloutState } from '../rollout/index.ts';

/** A row that an agent provably holds. */
export interface HeldClaim {
  readonly cluster: ClusterUid;
  readonly version: RowVersion;
  readonly variantDigest: Digest;
  readonly eventHash: Digest;
}

/** What is known of a placement where claims are judged. */
export interface Adopting {
  readonly state: RolloutState;
  /** What Git asks for now: an agent may hold what only the lost part of the log knew, but Git still does. */
  readonly desired: DesiredPlacement;
  /** The fleet's epoch. */
  readonly epoch: number;
  /** Whether the log's event of a sequence is the one of this hash; undefined = this process cannot say. */
  readonly isLogged: (seq: number, eventHash: Digest) => boolean | undefined;
}

/**
 * What to write down of claims that the log cannot explain: rows of an earlier epoch that are newer than the log's own, or
 * with another decision at their sequence, be the log's row as new or newer. Undefined = the log explains all of them. A claim that it explains, and one of
 * this epoch, is never touched, so the same claims again give nothing new.
 */
export function adoptHeld(adopting: Adopting, claims: readonly HeldClaim[]): RowsAdopted | undefined {
  const variants = knownVariants(adopting);
  const targets: Record<string, RolloutTarget> = {};
  const used: Record<string, Variant> = {};
  const releases: Record<string, Digest> = {};
  const unknown: ClusterUid[] = [];
  for (const claim of [...claims].sort((left, right) => (left.cluster < right.cluster ? -1 : 1))) {
    const row = adopting.state.rows.get(claim.cluster);
    if (claim.version.epoch >= adopting.epoch || isExplained(claim, row, adopting)) continue;
    const known = variants.get(claim.variantDigest);
    if (claim.variantDigest === zeroDigest) {
      targets[claim.cluster] = { kind: 'removal', mode: removalModeOf(row) };
    } else if (known === undefined) {
      // While nobody can say what Git asks for, it may be just that.
      if (row !== undefined && adopting.desired.kind !== 'unresolved') unknown.push(claim.cluster);
    } else {
      targets[claim.cluster] = { kind: 'variant', digest: claim.variantDigest };
      used[claim.variantDigest] = known.variant;
      releases[claim.variantDigest] = known.release;
    }
  }
  if (Object.keys(targets).length + unknown.length === 0) return undefined;
  return { kind: 'rows-adopted', targets, variants: used, releases, unknown };
}

/** Whether any of these claims is still to be written down: Git may have to be looked at first. */
export function hasUnexplained(adopting: Adopting, claims: readonly HeldClaim[]): boolean {
  const { epoch, state } = adopting;
  return claims.some(
    (claim) => claim.version.epoch < epoch && !isExplained(claim, state.rows.get(claim.cluster), adopting),
  );
}

/** A row of a newer epoch answers whatever was held before; one of the claim's own does so only in a log that made both. */
function isExplained(claim: HeldClaim, row: PlacementRow | undefined, { isLogged }: Adopting): boolean {
  if (row === undefined) return false;
  const order = compareVersions(row.version, claim.version);
  if (order <= 0) return order === 0 && row.eventHash === claim.eventHash;
  return row.version.epoch > claim.version.epoch || isLogged(claim.version.seq, claim.eventHash) !== false;
}

/** A removal says how; what the lost one said is not in the claim, and to orphan deletes nothing that is still there. */
function removalModeOf(row: PlacementRow | undefined): 'prune' | 'orphan' {
  return row?.target.kind === 'removal' ? row.target.mode : 'orphan';
}

interface Known {
  readonly variant: Variant;
  readonly release: Digest;
}

/** Every variant whose content is known: of rows, of the running rollout's plan, and of what Git asks for. */
function knownVariants({ desired, state }: Adopting): ReadonlyMap<Digest, Known> {
  const known = new Map<Digest, Known>();
  if (desired.kind === 'release') {
    for (const [digest, variant] of desired.variants)
      known.set(digest, { variant, release: desired.release.digest });
  }
  const plan = state.active?.plan;
  for (const [digest, variant] of Object.entries(plan?.variants ?? {})) {
    // Keys of this record are the digests that the event's writer put there.
    if (plan?.release !== undefined) known.set(digest as Digest, { variant, release: plan.release.digest });
  }
  for (const { target } of state.rows.values()) {
    if (target.kind === 'variant')
      known.set(target.variant.digest, { variant: target.variant, release: target.releaseDigest });
  }
  return known;
}
