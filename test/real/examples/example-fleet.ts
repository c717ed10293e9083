import {
  type ReleaseStep,
  type ResolvedPlacement,
  releaseOf,
  resolvePlacements,
  specOf,
  type Variants,
  variantsFor,
} from '@flotilla/hub/core';
import type { ClusterName, ClusterUid, GitId } from '@flotilla/shared/base';
import type { Cluster } from '@flotilla/shared/model';
import { demoClusters } from '../../demo/cluster-list.ts';
import type { ExampleRepository } from './read-repository.ts';

/** One placement of the example on the demo's clusters. */
export interface ExamplePlacement {
  readonly placement: ResolvedPlacement;
  readonly step: ReleaseStep;
  readonly variants: Variants;
}

/** What the hub makes of the example for the 24 clusters of the demo. */
export function resolveExample(repository: ExampleRepository): readonly ExamplePlacement[] {
  const clusters = demoClusters(24).map(
    ({ name, labels }): Cluster => ({
      uid: name as string as ClusterUid,
      name: name as ClusterName,
      labels,
      taints: [],
      isCordoned: false,
      registeredAtMs: 0,
    }),
  );
  const source = {
    repositoryUrl: 'https://git.example.com/fleet.git',
    credential: undefined,
    requiredSigners: [],
    caBundlePem: undefined,
    ref: 'main',
    commit: { id: '1'.repeat(40) as GitId, author: 'ada', subject: 'Begin', committedAtS: 1 },
    tree: repository.tree,
  };
  return resolvePlacements(specOf(repository.parsed), clusters).placements.map((placement) => {
    const step = releaseOf(placement, source, repository.texts);
    const none = { targets: new Map(), variants: new Map(), blocked: new Map() };
    const variants = step.kind === 'done' ? variantsFor(step.release, placement.matched) : none;
    return { placement, step, variants };
  });
}
