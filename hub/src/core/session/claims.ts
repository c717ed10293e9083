import type { ClusterUid, Digest, PlacementName } from '@flotilla/shared/base';
import type { Row, RowClaim, RowVersion } from '@flotilla/shared/model';
import { compareVersions, formatVersion, memberOf, rowMacInput } from '@flotilla/shared/model';

/** A row as the hub believes an agent to hold it. */
export interface HeldEntry {
  readonly version: RowVersion;
  readonly variantDigest: Digest;
  readonly eventHash: Digest;
  /** False for a claim without a valid MAC: it counts for the digest of the set and for nothing else. */
  readonly isProven: boolean;
  /** Of an earlier epoch, and the log has another event at its sequence: only a row of a newer epoch answers it. */
  readonly isLost?: boolean;
}

/** The claims whose MAC is the hub's own. `macRow` is HMAC-SHA-256 by the row key; an agent cannot know it. */
export function provenClaims(
  cluster: ClusterUid,
  claims: readonly RowClaim[],
  macRow: (input: string) => Digest,
): ReadonlySet<PlacementName> {
  const proven = claims.filter((claim) =>
    isSameText(macRow(rowMacInput(cluster, claim, claim.proof.eventHash)), claim.proof.mac),
  );
  return new Set(proven.map((claim) => claim.placement));
}

/** Compares in the same time wherever the first difference lies, so that a MAC cannot be found byte by byte. */
function isSameText(left: string, right: string): boolean {
  let difference = left.length ^ right.length;
  for (let index = 0; index < left.length; index += 1) {
    difference |= left.charCodeAt(index) ^ right.charCodeAt(index);
  }
  return difference === 0;
}

/** What a hub process has folded, as claims are judged against. */
export interface FoldedLog {
  readonly epoch: number;
  /** Last sequence folded; `desired` reflects exactly the decisions up to here. */
  readonly foldedSeq: number;
  /** Whether the log's event of a sequence is the one of this hash; undefined = this process cannot say. */
  readonly isLogged: (seq: number, eventHash: Digest) => boolean | undefined;
  readonly desired: readonly Row[];
}

/** What an agent's authenticated claims say about this process's log. */
export type ClaimVerdict =
  | { readonly kind: 'fine' }
  /** Rows newer than what this process has folded: it must not speak until it has, or knows that the log ends before. */
  | { readonly kind: 'behind'; readonly seq: number }
  /** Proof that the log was lost, shortened or forked. */
  | { readonly kind: 'log-lost'; readonly text: string };

/** Judges only proven claims, so that no agent can freeze the fleet by inventing versions. */
export function judgeClaims(held: ReadonlyMap<PlacementName, HeldEntry>, log: FoldedLog): ClaimVerdict {
  const desired = new Map(log.desired.map((row) => [row.placement, row]));
  let behindSeq = 0;
  for (const [placement, claim] of held) {
    if (!claim.isProven || claim.version.epoch < log.epoch) continue;
    if (claim.version.seq > log.foldedSeq) {
      behindSeq = Math.max(behindSeq, claim.version.seq);
      continue;
    }
    const contradiction = contradictionOf(claim, desired.get(placement), log);
    if (contradiction !== undefined) {
      return { kind: 'log-lost', text: `row ${placement} ${formatVersion(claim.version)}: ${contradiction}` };
    }
  }
  return behindSeq > 0 ? { kind: 'behind', seq: behindSeq } : { kind: 'fine' };
}

/** What an agent holds, with the rows of earlier epochs marked that the log lost. The same map when there are none. */
export function withLost(
  held: ReadonlyMap<PlacementName, HeldEntry>,
  log: Pick<FoldedLog, 'epoch' | 'isLogged'>,
): ReadonlyMap<PlacementName, HeldEntry> {
  const lost = [...held].filter(
    ([, { eventHash, isProven, version }]) =>
      isProven && version.epoch < log.epoch && log.isLogged(version.seq, eventHash) === false,
  );
  if (lost.length === 0) return held;
  return new Map([...held, ...lost.map(([name, entry]) => [name, { ...entry, isLost: true }] as const)]);
}

/**
 * How a row that this fleet made disagrees with a log that should have made it. What stands at the row's own sequence is asked
 * first: a log that lost its end grows past what it lost, and then has newer rows, or none, for what agents hold.
 */
function contradictionOf(claim: HeldEntry, row: Row | undefined, log: FoldedLog): string | undefined {
  if (claim.version.epoch > log.epoch) return `its epoch is newer than the fleet's ${log.epoch}`;
  if (log.isLogged(claim.version.seq, claim.eventHash) === false)
    return 'the log holds another decision at this sequence';
  if (row === undefined) return undefined;
  const order = compareVersions(claim.version, row.version);
  if (order > 0) return `the log holds only ${formatVersion(row.version)}, though it goes on after it`;
  if (order < 0) return undefined;
  if (claim.eventHash !== row.proof.eventHash) return 'the log holds another decision at this sequence';
  return claim.variantDigest === memberOf(row).variantDigest
    ? undefined
    : 'the log makes another variant of this decision';
}

/** Placements that an agent provably holds and this fleet wants nothing of: absence never deletes, a person looks. */
export function unknownPlacements(
  held: ReadonlyMap<PlacementName, HeldEntry>,
  desired: readonly Row[],
): readonly PlacementName[] {
  const known = new Set(desired.map((row) => row.placement));
  return [...held.entries()]
    .filter(([placement, entry]) => entry.isProven && !known.has(placement))
    .map(([placement]) => placement);
}
