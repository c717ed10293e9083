import type { Clock, ClusterUid, HubId } from '@flotilla/shared/base';
import type { Logger } from '@flotilla/shared/kit';
import type { EnrolmentSigner } from '../../enrolment-port.ts';
import type { Bucket } from '../../ports.ts';
import type { EnrolRecords } from './records.ts';

/** Somebody shows a token that another agent is using: a person must hear of it. */
export interface TokenAlarm {
  readonly tokenId: string;
  readonly clusterName: string;
  readonly remoteAddress: string;
  readonly text: string;
}

/** What a new agent is told besides its identity. */
export interface Whereabouts {
  /** host:port of the agents' listener. */
  readonly agentsAddress: string;
  /** tls://host:port of each bus server. */
  readonly natsUrls: readonly string[];
}

/** What enrolment and renewal need. */
export interface EnrolDeps {
  readonly hubId: HubId;
  readonly tokens: Bucket;
  readonly clusters: Bucket;
  readonly signer: EnrolmentSigner;
  readonly clock: Clock;
  readonly log: Logger;
  readonly newUid: () => ClusterUid;
  /** Read for each answer: the bus may have moved. */
  readonly whereabouts: () => Whereabouts;
  readonly onAlarm: (alarm: TokenAlarm) => void;
}

/** The same with the typed records, as the parts of this folder use it. */
export interface EnrolWork extends EnrolDeps {
  readonly records: EnrolRecords;
}

/** How often a conditional write is tried against others before the caller must come again. */
export const conflictsMax = 10;
