import type { PlacementName } from '@flotilla/shared/base';
import { zeroDigest } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { uidOf, wellReport } from '../rollout/samples-fixture.ts';
import { stableWorld } from '../rollout/stable-world-fixture.ts';
import { assignmentItem } from './assignment-item.ts';
import { emptyClusterView, foldReport } from './fold-view.ts';
import { knownCluster, knownPlacement } from './known-fixture.ts';

describe('an object that another placement wants, too', () => {
  it('is shown with its owner, by the word of the one that cannot have it', () => {
    const world = stableWorld(['cbb']);
    world.says('cbb');
    const own = wellReport(world.state.rows.get(uidOf('cbb'))!);
    const object = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'shop', name: 'web' };
    const failure = { ...object, reason: 'OwnedByAssignment', message: 'no', fingerprint: '0'.repeat(16) };
    const cart = { ...own, placement: 'cart' as PlacementName, failing: [{ ...failure, ownedBy: 'shop' }] };
    const cluster = knownCluster(world, 'cbb');
    const { facts } = cluster.view.report!;
    const said = { incarnation: 1, seq: 2, heldDigest: zeroDigest, facts, madeAtMs: 0, trimmed: [] };
    const view = foldReport(emptyClusterView(0), { ...said, assignments: [own, cart] }, 1);
    const placements = new Map([[world.state.placement, knownPlacement(world)]]);
    const clusters = new Map([[uidOf('cbb'), { ...cluster, view }]]);
    const shown = assignmentItem({ placements, clusters }, uidOf('cbb'), world.state.placement);
    const { version: _version, ...named } = object;
    expect(shown?.status.contested).toEqual([{ placement: 'cart', ...named }]);
    expect(foldReport(view, { ...said, seq: 3, assignments: [own] }, 1).contested).toBeUndefined();
  });
});
