import type { ClusterName, ClusterUid, Digest, GitId, PlacementName, RolloutId } from '@flotilla/shared/base';
import {
  type AssignmentItem,
  apiVersion,
  type ClusterItem,
  type CommitInfo,
  fingerprintOf,
  noCounts,
  noDrift,
  noTimings,
  type PlacementItem,
  type ShownState,
  type StateCounts,
  shownStates,
} from '@flotilla/shared/model';

/** Wall time of the fake fleet: everything in it happened before. */
export const fleetNowMs = Date.UTC(2026, 10, 23, 12, 0, 0);

/** A commit as the fake fleet has them. */
export const fleetCommit: CommitInfo = {
  id: '1c76476f0e4b2a9d8c7b6a5f4e3d2c1b0a9f8e7d' as GitId,
  author: 'Ada Lovelace',
  subject: 'checkout v2.4.1',
  committedAtS: fleetNowMs / 1_000 - 3_600,
  signature: 'ssh',
};

const digest = '5'.repeat(64) as Digest;
/** The release that everything of the fake fleet has. */
export const fakeRelease = { digest, commit: fleetCommit };

/** All seven states at zero but the given ones. */
export function stateCounts(given: Partial<StateCounts> = {}): StateCounts {
  const zero = Object.fromEntries(shownStates.map((state) => [state, 0])) as unknown as StateCounts;
  return { ...zero, ...given };
}

/** A cluster whose assignments all have one state. */
export function clusterItem(
  name: string,
  given: { readonly state?: ShownState; readonly labels?: { readonly [key: string]: string } } = {},
): ClusterItem {
  const { state = 'Ready', labels = {} } = given;
  const isKnown = state !== 'Unknown';
  return {
    apiVersion,
    kind: 'Cluster',
    metadata: { name, uid: uidOf(name), labels, createdAtMs: fleetNowMs - 86_400_000 },
    spec: { taints: [], isCordoned: false },
    status: {
      state,
      reason: reasonOf(state, name),
      presence: isKnown ? 'connected' : 'disconnected',
      presenceSinceMs: fleetNowMs - 7_800_000,
      freshness: { isFresh: isKnown, asOfMs: fleetNowMs - (isKnown ? 2_000 : 360_000) },
      counts: stateCounts({ [state]: 1 }),
      assignments: 1,
      driftedObjects: 0,
      agentVersion: '0.1.0',
      kubernetesVersion: 'v1.34.2',
      nodes: 3,
      isSimulated: false,
      failures: state === 'Degraded' ? [failure(name, 'checkout')] : [],
    },
  };
}

/** A placement that everything has. */
export function placementItem(name: string, counts: Partial<StateCounts> = {}): PlacementItem {
  const all = stateCounts(counts);
  const state = shownStates.find((one) => one !== 'Ready' && all[one] > 0) ?? 'Ready';
  return {
    apiVersion,
    kind: 'Placement',
    metadata: { name },
    spec: {
      definedAt: `placements/${name}.yaml:1`,
      repo: 'control',
      ref: 'main',
      path: `apps/${name}`,
      strategy: 'default',
    },
    status: {
      state,
      reason: reasonOf(state, name),
      counts: all,
      targets: shownStates.reduce((sum, one) => sum + all[one], 0),
      release: fakeRelease,
      stable: fakeRelease,
      rollout: undefined,
      errors: [],
      held: [],
      failures: state === 'Degraded' ? [failure('eu-2', name)] : [],
      stopped: [],
      skipped: 0,
      lastSeq: 42,
    },
  };
}

/** One placement on one cluster. */
export function assignmentItem(
  cluster: string,
  placement: string,
  given: { readonly state?: ShownState; readonly labels?: { readonly [key: string]: string } } = {},
): AssignmentItem {
  const { state = 'Ready', labels = {} } = given;
  const isFailing = state === 'Degraded';
  return {
    apiVersion,
    kind: 'Assignment',
    metadata: { name: `${cluster}/${placement}`, labels },
    spec: {
      cluster: cluster as ClusterName,
      clusterUid: uidOf(cluster) as ClusterUid,
      placement: placement as PlacementName,
      version: '1.42',
      isRemoval: false,
      variantDigest: digest,
      commit: fleetCommit,
      cause: { kind: 'commit', commit: fleetCommit.id },
      rollout: `${placement}-7` as RolloutId,
    },
    status: {
      state,
      reason: reasonOf(state, `${cluster}/${placement}`),
      freshness: {
        isFresh: state !== 'Unknown',
        asOfMs: fleetNowMs - (state === 'Unknown' ? 360_000 : 2_000),
      },
      healthyForMs: state === 'Ready' ? 600_000 : 0,
      appliedCommit: fleetCommit.id,
      objects: { ...noCounts, total: 4, applied: 4, healthy: isFailing ? 3 : 4, failing: isFailing ? 1 : 0 },
      failing: isFailing
        ? [
            {
              group: 'apps',
              version: 'v1',
              kind: 'Deployment',
              namespace: 'shop',
              name: 'api',
              reason: 'CrashLoopBackOff',
              message: crash,
              fingerprint: fingerprintOf('CrashLoopBackOff', crash, 'Deployment'),
            },
          ]
        : [],
      drift: noDrift,
      timings: {
        ...noTimings,
        fetchMs: 120,
        renderMs: 40,
        applyMs: 310,
        rowToAppliedMs: 480,
        rowToReadyMs: 9_200,
      },
      heldPrune: undefined,
    },
  };
}

const crash = 'container api exits with code 1: cannot reach db-7f9c5d4b8-x2k4q';

function failure(cluster: string, placement: string): ClusterItem['status']['failures'][number] {
  return {
    fingerprint: fingerprintOf('CrashLoopBackOff', crash, 'Deployment'),
    reason: 'CrashLoopBackOff',
    text: crash,
    count: 1,
    example: {
      cluster: cluster as ClusterName,
      placement: placement as PlacementName,
      object: 'Deployment/api',
    },
  };
}

function reasonOf(state: ShownState, subject: string): ClusterItem['status']['reason'] {
  const reasons: { readonly [one in ShownState]?: readonly [string, string] } = {
    Degraded: ['CrashLoopBackOff', crash],
    Unknown: ['Disconnected', 'no stream for 6m; last report 6m ago'],
    Stalled: ['ApplyForbidden', 'may not create networkpolicies in shop'],
    Progressing: ['Verifying', '3 of 4 objects are healthy'],
    Pending: ['WaitsForWave', 'waits for wave 2'],
    Suspended: ['Suspended', 'incident 812'],
  };
  const found = reasons[state];
  return found && { code: found[0], text: found[1], subject };
}

function uidOf(name: string): string {
  return name
    .replaceAll(/[^a-z2-7]/g, 'a')
    .padEnd(26, 'a')
    .slice(0, 26);
}
