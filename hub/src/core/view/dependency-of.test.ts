import type { PlacementName } from '@flotilla/shared/base';
import { zeroDigest } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { uidOf } from '../rollout/samples-fixture.ts';
import { stableWorld } from '../rollout/stable-world-fixture.ts';
import { dependencyOf } from './dependency-of.ts';
import { emptyClusterView, foldPresence, foldReport } from './fold-view.ts';

const shop = 'shop' as PlacementName;
const facts = {
  kubernetes: '',
  nodes: 1,
  agent: '',
  isSimulated: false,
  fetchRungs: {},
  inventoryParent: '',
  more: {},
};

/** A cluster on which shop runs and says this of itself. */
function world(
  change: { readonly state?: 'Ready' | 'Degraded'; readonly seq?: number; readonly isFresh?: boolean } = {},
) {
  const fleet = stableWorld(['cbb']);
  fleet.says('cbb', { state: change.state ?? 'Ready' });
  const { cluster, report } = fleet.clusters.get(uidOf('cbb'))!;
  const version = { epoch: 1, seq: (report?.version.seq ?? 0) + (change.seq ?? 0) };
  const entry = { ...report!, version };
  const said = {
    incarnation: 1,
    seq: 1,
    heldDigest: zeroDigest,
    assignments: [entry],
    facts,
    madeAtMs: 0,
    trimmed: [],
  };
  const presence = change.isFresh === false ? 'disconnected' : 'connected';
  const view = foldPresence(
    foldReport(emptyClusterView(0), said, 1),
    { presence, announced: { incarnation: 1, seq: 1 } },
    2,
  );
  const known = { spec: undefined, state: fleet.state, desired: fleet.desired, errors: [], notes: [] };
  return { placements: new Map([[shop, known]]), known: { cluster, view } };
}

describe('what a placement waits for on a cluster', () => {
  const textOf = ({ known, placements }: ReturnType<typeof world>, dependsOn: readonly string[] = [shop]) =>
    dependencyOf(
      { placements },
      known,
      dependsOn.map((name) => ({ name })),
    )?.text;

  it('is nothing when all it depends on is Ready there at its newest row', () => {
    expect(textOf(world())).toBeUndefined();
    expect(textOf(world(), [])).toBeUndefined();
  });

  it.each([
    ['it is unwell', { state: 'Degraded' }, 'shop is Degraded on cbb'],
    ['the report is of another row', { seq: -1 }, 'shop is not known to be Ready on cbb'],
    ['nothing fresh is known', { isFresh: false }, 'shop is not known to be Ready on cbb'],
  ] as const)('is the dependency when %s', (_why, change, expected) => {
    expect(textOf(world(change))).toBe(expected);
  });

  it('is the first that does not even run there', () => {
    expect(textOf(world(), [shop, 'net'])).toBe('net does not run on cbb');
  });
});
