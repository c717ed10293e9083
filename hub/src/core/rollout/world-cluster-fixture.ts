import type { ClusterName } from '@flotilla/shared/base';
import type { AssignmentReport, Cluster, Presence, Reasoned, RejectedRow } from '@flotilla/shared/model';
import { uidOf } from './samples-fixture.ts';

/** A cluster of a world as the hub sees it; tests change it as they like. */
export interface WorldCluster {
  cluster: Cluster;
  presence: Presence;
  presenceSinceMs: number;
  isFresh: boolean;
  report: AssignmentReport | undefined;
  reportSeq: number;
  rejected: RejectedRow | undefined;
  waitsFor: Reasoned | undefined;
  handOver?: Reasoned | undefined;
}

/** A registered cluster whose agent is connected and has said nothing yet. */
export function worldCluster(name: string, labels: Cluster['labels'], nowMs: number): WorldCluster {
  const cluster: Cluster = {
    uid: uidOf(name),
    // Names in tests are plain words.
    name: name as ClusterName,
    labels,
    taints: [],
    isCordoned: false,
    registeredAtMs: nowMs,
  };
  const isHere = { presence: 'connected', presenceSinceMs: nowMs, isFresh: true } as const;
  return { cluster, ...isHere, report: undefined, reportSeq: 0, rejected: undefined, waitsFor: undefined };
}
