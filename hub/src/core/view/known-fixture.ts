import { type AssignmentReport, zeroDigest } from '@flotilla/shared/model';
import type { World } from '../rollout/rollout-fixture.ts';
import { uidOf } from '../rollout/samples-fixture.ts';
import { emptyClusterView, foldPresence, foldReport } from './fold-view.ts';
import type { KnownCluster, KnownPlacement } from './snapshot.ts';

const facts = {
  kubernetes: '',
  nodes: 1,
  agent: '',
  isSimulated: false,
  fetchRungs: {},
  inventoryParent: '',
  more: {},
};

/** A world's placement as the fleet knows it. */
export function knownPlacement(world: World): KnownPlacement {
  const { desired, last, state } = world;
  return { spec: undefined, state, desired, errors: [], notes: last.notes, held: last.held };
}

/** A cluster of a world with what its agent said last; `change` speaks of the report and of the stream. */
export function knownCluster(
  world: World,
  name: string,
  change: { readonly report?: Partial<AssignmentReport>; readonly isFresh?: boolean } = {},
): KnownCluster {
  const one = world.clusters.get(uidOf(name));
  if (one === undefined) throw new Error(`no cluster ${name}`);
  const assignments = one.report === undefined ? [] : [{ ...one.report, ...change.report }];
  const said = {
    incarnation: 1,
    seq: 1,
    heldDigest: zeroDigest,
    assignments,
    facts,
    madeAtMs: 0,
    trimmed: [],
  };
  const presence = change.isFresh === false ? 'disconnected' : 'connected';
  const seen = { presence, announced: { incarnation: 1, seq: 1 } } as const;
  return { cluster: one.cluster, view: foldPresence(foldReport(emptyClusterView(0), said, 1), seen, 2) };
}
