import type { ClusterUid, Digest, PlacementName } from '@flotilla/shared/base';
import {
  compareVersions,
  type DeliveredCredential,
  type Row,
  rowMacInput,
  zeroDigest,
} from '@flotilla/shared/model';
import { type RolloutState, rowFor, type UnsignedRow } from '../core/index.ts';
import type { Signer } from '../ports.ts';
import type { Fleet } from './fleet.ts';

/** Finds the credential to hand over for a source's content; undefined = none is delivered. */
export type DeliveredCredentialOf = (row: UnsignedRow) => DeliveredCredential | undefined;

/**
 * The rows of clusters with their MACs, as sessions send them. A MAC is computed once for each version of a row and kept
 * while that row stands; a restart computes it anew from the same log and gets the same.
 */
export class SignedRows {
  readonly #fleet: Fleet;
  readonly #signer: Pick<Signer, 'macRow'>;
  readonly #credentialOf: DeliveredCredentialOf;
  readonly #signed = new Map<ClusterUid, Map<PlacementName, Row>>();

  constructor(fleet: Fleet, signer: Pick<Signer, 'macRow'>, credentialOf: DeliveredCredentialOf) {
    this.#fleet = fleet;
    this.#signer = signer;
    this.#credentialOf = credentialOf;
  }

  /** All rows of one cluster, removals included, sorted by placement. */
  of(cluster: ClusterUid): readonly Row[] {
    const before = this.#signed.get(cluster);
    const rows = new Map<PlacementName, Row>();
    for (const state of this.#fleet.statesOn(cluster)) {
      const { placement } = state;
      const row = this.#rowOf(state, cluster, before?.get(placement));
      if (row !== undefined) rows.set(placement, row);
    }
    this.#signed.set(cluster, rows);
    return [...rows.values()].sort((left, right) => (left.placement < right.placement ? -1 : 1));
  }

  /** A removed cluster's rows are not needed any more. */
  forget(cluster: ClusterUid): void {
    this.#signed.delete(cluster);
  }

  /** The row as it was signed before, unless it is another one: most of a cluster's rows stand when one of them changes. */
  #rowOf(state: RolloutState, cluster: ClusterUid, before: Row | undefined): Row | undefined {
    const now = state.rows.get(cluster);
    if (now === undefined) return undefined;
    const isSame =
      before !== undefined &&
      compareVersions(before.version, now.version) === 0 &&
      before.proof.eventHash === now.eventHash;
    if (isSame) return before;
    const row = rowFor(state, cluster);
    return row && this.#sign(cluster, row);
  }

  #sign(cluster: ClusterUid, row: UnsignedRow): Row {
    const { eventHash, ...rest } = row;
    const variantDigest = row.kind === 'removal' ? zeroDigest : row.variant.digest;
    const mac = this.#mac(
      cluster,
      { placement: row.placement, version: row.version, variantDigest },
      eventHash,
    );
    const proof = { eventHash, mac };
    return rest.kind === 'removal'
      ? { ...rest, proof }
      : { ...rest, proof, credential: this.#credentialOf(row) };
  }

  #mac(cluster: ClusterUid, member: Parameters<typeof rowMacInput>[1], eventHash: Digest): Digest {
    return this.#signer.macRow(rowMacInput(cluster, member, eventHash));
  }
}
