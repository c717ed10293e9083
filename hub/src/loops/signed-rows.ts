import type { ClusterUid, Digest, PlacementName } from '@flotilla/shared/base';
import { type DeliveredCredential, type Row, rowMacInput, zeroDigest } from '@flotilla/shared/model';
import { desiredRows, type UnsignedRow } from '../core/index.ts';
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
    const rows = desiredRows(this.#fleet.statesOn(cluster), cluster).map((row) =>
      this.#sign(cluster, row, before?.get(row.placement)),
    );
    this.#signed.set(cluster, new Map(rows.map((row) => [row.placement, row])));
    return rows;
  }

  /** A removed cluster's rows are not needed any more. */
  forget(cluster: ClusterUid): void {
    this.#signed.delete(cluster);
  }

  #sign(cluster: ClusterUid, row: UnsignedRow, before: Row | undefined): Row {
    const isSame = before?.version.epoch === row.version.epoch && before.version.seq === row.version.seq;
    if (isSame && before.proof.eventHash === row.eventHash) return before;
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
