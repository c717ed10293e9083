import type { AssignmentItem } from '@flotilla/shared/model';
import type { MemberCluster } from '../../real/member-cluster/index.ts';
import { until } from './until.ts';
import type { World } from './world.ts';

/** A Deployment of apps/v1, as far as the journeys look at it. */
export interface Deployment {
  readonly metadata: { readonly generation: number; readonly uid: string };
  readonly spec: {
    readonly replicas: number;
    readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly availableReplicas?: number;
    readonly updatedReplicas?: number;
  };
}

/** Path of a Deployment at the API server. */
export function deploymentPath(namespace: string, name: string): string {
  return `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
}

/** Waits until the cluster's own controllers have all replicas of a Deployment available, and it is as `isWanted` says. */
export async function untilAvailable(
  member: MemberCluster,
  path: string,
  isWanted: (found: Deployment) => boolean = () => true,
): Promise<Deployment> {
  return await until(`${path} available on ${member.name}`, async () => {
    const found = await member.read<Deployment>(path);
    if (found === undefined || !isWanted(found)) return undefined;
    const { status, spec, metadata } = found;
    const isDone =
      status?.observedGeneration === metadata.generation &&
      status.updatedReplicas === spec.replicas &&
      status.availableReplicas === spec.replicas;
    return isDone ? found : undefined;
  });
}

/**
 * Waits until the command line shows every assignment Ready and fresh, and every rollout ended.
 * `isWanted` narrows further. Returns the assignments by `CLUSTER/PLACEMENT`.
 */
export async function untilAllReady(
  world: World,
  isWanted: (items: ReadonlyMap<string, AssignmentItem>) => boolean = () => true,
): Promise<ReadonlyMap<string, AssignmentItem>> {
  let last = 'nothing was shown';
  return await until('every assignment Ready in the command line', async () => {
    const items = await world.control.get('assignments', '--all');
    const shown = new Map(items.map((item) => [`${item.spec.cluster}/${item.spec.placement}`, item]));
    const isReady = items.every(({ status }) => status.state === 'Ready' && status.freshness.isFresh);
    last = [...shown]
      .map(([name, { status }]) => `${name} ${status.state} ${status.reason?.text ?? ''}`)
      .join('; ');
    if (items.length === 0 || !isReady || !isWanted(shown)) return undefined;
    const rollouts = await world.control.get('rollouts', '--all');
    return rollouts.every(({ status }) => status.endedAtMs !== undefined) ? shown : undefined;
  }).catch((error: Error) => {
    throw new Error(`${error.message}; last shown: ${last}`);
  });
}
