import type { ClusterUid, PlacementName, RolloutId } from '@flotilla/shared/base';
import type { Decision } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { SharedUids } from './shared-uids.ts';

const uids = ['a', 'b'].map((letter) => letter.repeat(26) as ClusterUid);
const share = { placement: 'shop' as PlacementName, rollout: 'shop-1' as RolloutId, clusters: uids };
const of = { rollout: share.rollout, stage: 0, wave: 0, clusters: uids, deferred: {} };

const decisions: readonly Decision[] = [
  { kind: 'wave-opened', ...of },
  { kind: 'clusters-started', ...of },
  {
    kind: 'budget-changed',
    takes: share,
    frees: [{ ...share, clusters: [...uids].reverse() }],
    max: 3,
    perClusterMax: 3,
  },
  // Of a plan only its waves are looked at.
  {
    kind: 'rollout-planned',
    rollout: share.rollout,
    waves: [{ stage: 0, clusters: uids }],
  } as unknown as Decision,
  { kind: 'wave-passed', rollout: share.rollout, stage: 0, wave: 0 },
];

describe('a decision with shared uids', () => {
  it.each(decisions)('says what it said: $kind', (decision) => {
    const shared = new SharedUids();
    // As it comes from the bus, twice: the second time its texts are known.
    for (const read of [structuredClone(decision), structuredClone(decision)])
      expect(shared.in(read)).toEqual(decision);
  });
});
