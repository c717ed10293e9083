import type { PlacementName } from '@flotilla/shared/base';
import type { AssignmentReport } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { stableWorld } from '../rollout/stable-world-fixture.ts';
import { dependencyOf } from './dependency-of.ts';
import { knownCluster, knownPlacement } from './known-fixture.ts';

const shop = 'shop' as PlacementName;

interface Change {
  readonly report?: Partial<AssignmentReport>;
  readonly isFresh?: boolean;
}

/** What is waited for on a cluster where shop runs and says this of itself. */
function waitsFor(change: Change = {}, dependsOn: readonly string[] = ['shop']): string | undefined {
  const world = stableWorld(['cbb']);
  world.says('cbb');
  const placements = new Map([[shop, knownPlacement(world)]]);
  const names = dependsOn.map((name) => ({ name }));
  return dependencyOf({ placements }, knownCluster(world, 'cbb', change), names)?.text;
}

describe('what a placement waits for on a cluster', () => {
  it('is nothing when all it depends on is Ready there at its newest row', () => {
    expect(waitsFor()).toBeUndefined();
    expect(waitsFor({}, [])).toBeUndefined();
  });

  it.each([
    ['it is unwell', { report: { state: 'Degraded' } }, 'shop is Degraded on cbb'],
    [
      'the report is of another row',
      { report: { version: { epoch: 1, seq: 1 } } },
      'shop is not known to be Ready on cbb',
    ],
    ['nothing fresh is known', { isFresh: false }, 'shop is not known to be Ready on cbb'],
  ] as const)('is the dependency when %s', (_why, change, expected) => {
    expect(waitsFor(change)).toBe(expected);
  });

  it('is the first that does not even run there', () => {
    expect(waitsFor({}, ['shop', 'net'])).toBe('net does not run on cbb');
  });
});
