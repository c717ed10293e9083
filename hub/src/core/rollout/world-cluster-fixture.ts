import type { ClusterName, ClusterUid } from '@flotilla/shared/base';
import type { AssignmentReport, Cluster, Presence, Reasoned, RejectedRow } from '@flotilla/shared/model';
import type { KeptMatch } from '../placement/index.ts';
import { uidOf } from './samples-fixture.ts';

/** A cluster of a world as the hub sees it; tests change it as they like. */
export interface WorldCluster {
  cluster: Cluster;
  presence: Presence;
  presenceSinceMs: number;
  isFresh: boolean;
  report: AssignmentReport | undefined;
  reportSeq: number;
  reportStoredAtMs?: number;
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

/** Why clusters, by name, keep a placement although facts alone would take it from them. */
export function keptMatches(
  kept: ReadonlyMap<string, { readonly asks: boolean }>,
): ReadonlyMap<ClusterUid, KeptMatch> {
  const whyOf = (subject: string) => ({ code: 'CelFalse', text: `cel "x" is false for ${subject}`, subject });
  return new Map([...kept].map(([name, { asks }]) => [uidOf(name), { asks, why: whyOf(name) }]));
}
