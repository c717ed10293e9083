import type { ClusterUid } from '@flotilla/shared/base';
import type { Cluster } from '@flotilla/shared/model';
import { clusterOf, judgePeer, parseClusterRecord, type Registration } from '../../core/enrol/index.ts';
import type { PeerIdentity } from '../../enrolment-port.ts';
import { usable } from './records.ts';

/**
 * Remembers the registrations as they are read, so that a stream is judged without asking the bus: a key that was
 * replaced when a cluster joined again opens no stream any more.
 */
export class PeerJudge {
  readonly #registrations = new Map<ClusterUid, Registration>();

  /** Reads one record for the fleet; undefined = it is the mark of a removed cluster. Throws EnrolRecordError on one that is damaged or of a newer format. */
  readRegistration(key: string, value: unknown): Cluster | undefined {
    const record = usable(parseClusterRecord(value), key);
    if (record.kind === 'removed') {
      this.#registrations.delete(record.removed.uid);
      return undefined;
    }
    const { registration } = record;
    this.#registrations.set(registration.uid, registration);
    return clusterOf(registration);
  }

  /** Why a peer is turned away; undefined = it is not, or its registration is not known here (the session decides). */
  judge(peer: PeerIdentity): string | undefined {
    const registration = this.#registrations.get(peer.uid);
    return registration && judgePeer(registration, peer)?.text;
  }
}
