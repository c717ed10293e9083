import type { ClusterUid } from '@flotilla/shared/base';
import type { Reasoned } from '@flotilla/shared/model';
import { assignmentItems, freshnessOf } from './assignment-item.ts';
import { failureGroups } from './failure-groups.ts';
import { type AssignmentItem, apiVersion, type ClusterItem } from './items.ts';
import { compareSeverity, countStates, staleness } from './shown-state.ts';
import type { FleetSnapshot, KnownCluster } from './snapshot.ts';

/** One cluster; undefined when it is not registered. */
export function clusterItem(fleet: FleetSnapshot, uid: ClusterUid): ClusterItem | undefined {
  const known = fleet.clusters.get(uid);
  return known && itemOf(known, assignmentItems(fleet, { cluster: uid }));
}

function itemOf(known: KnownCluster, assignments: readonly AssignmentItem[]): ClusterItem {
  const { cluster, view } = known;
  const facts = view.report?.facts;
  const [worst] = [...assignments].sort((a, b) => compareSeverity(a.status.state, b.status.state));
  const unknown = staleness(known) ?? unreached(known);
  const state = unknown ? 'Unknown' : (worst?.status.state ?? 'Ready');
  return {
    apiVersion,
    kind: 'Cluster',
    metadata: {
      name: cluster.name,
      uid: cluster.uid,
      labels: cluster.labels,
      createdAtMs: cluster.registeredAtMs,
    },
    spec: { taints: cluster.taints, isCordoned: cluster.isCordoned },
    status: {
      state,
      reason: unknown ?? reasonOf(worst),
      presence: view.presence,
      presenceSinceMs: view.presenceSinceMs,
      freshness: freshnessOf(view),
      counts: countStates(assignments.map((item) => item.status.state)),
      assignments: assignments.length,
      driftedObjects: assignments.reduce((sum, item) => sum + item.status.drift.objects, 0),
      agentVersion: facts?.agent ?? '',
      kubernetesVersion: facts?.kubernetes ?? '',
      nodes: facts?.nodes ?? 0,
      isSimulated: facts?.isSimulated ?? false,
      ...(facts !== undefined && Object.keys(facts.more).length > 0 && { moreFacts: facts.more }),
      failures: failureGroups(assignments),
    },
  };
}

/** An agent that never reached its API server knows nothing of its cluster. */
function unreached({ cluster, view }: KnownCluster): Reasoned | undefined {
  if (view.report === undefined || view.report.facts.kubernetes !== '') return undefined;
  const text = 'its agent has not reached the API server of the cluster yet';
  return { code: 'ClusterNotReached', text, subject: cluster.name };
}

/** A cluster's reason names the placement that it comes from. */
function reasonOf(worst: AssignmentItem | undefined): Reasoned | undefined {
  const reason = worst?.status.reason;
  return worst && reason && { ...reason, text: `${worst.spec.placement}: ${reason.text}` };
}
