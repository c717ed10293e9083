import type { PlacementName } from '@flotilla/shared/base';
import type { AssignmentReport } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import type { PlacementRow, RolloutState } from '../rollout/index.ts';
import { uidOf } from '../rollout/samples-fixture.ts';
import { stableWorld } from '../rollout/stable-world-fixture.ts';
import { handOverOf } from './hand-over.ts';
import { knownCluster, knownPlacement } from './known-fixture.ts';

const [shop, old] = ['shop', 'old'] as [PlacementName, PlacementName];

interface Change {
  readonly report?: Partial<AssignmentReport>;
  readonly isFresh?: boolean;
  /** What the heir's row says; default: takes over from `old`. */
  readonly takeOverFrom?: string | undefined;
  /** The heir is not meant for the cluster, by a look at this adoption. */
  readonly elsewhereSince?: number;
  readonly hasRow?: boolean;
}

/** Why the objects of `old` stay on a cluster where `shop` is to take them over, by a look at adoption 3. */
function handOver(change: Change = {}, heirs: readonly PlacementName[] = [shop]): string | undefined {
  const world = stableWorld(['cbb', 'ccc']);
  const row = world.state.rows.get(uidOf('cbb'))!;
  const digest = row.target.kind === 'variant' ? row.target.variant.digest : undefined;
  world.says('cbb', { appliedVariantDigest: digest, ...change.report });
  const takeOverFrom = 'takeOverFrom' in change ? change.takeOverFrom : old;
  const rows = new Map(world.state.rows).set(uidOf('cbb'), taking(row, takeOverFrom));
  if (change.hasRow === false) rows.delete(uidOf('cbb'));
  const state: RolloutState = { ...world.state, rows };
  if (change.elsewhereSince !== undefined) {
    world.matched = new Set(['ccc']);
    world.resolve();
  }
  const desired =
    world.desired.kind === 'release'
      ? { ...world.desired, adoptedSeq: change.elsewhereSince ?? 3 }
      : world.desired;
  const placements = new Map([[shop, { ...knownPlacement(world), state, desired }]]);
  const cluster = knownCluster(world, 'cbb', change.isFresh === undefined ? {} : { isFresh: change.isFresh });
  return handOverOf({ placements }, cluster, { placement: old, heirs, adoptedSeq: 3 })?.text;
}

function taking(row: PlacementRow, takeOverFrom: string | undefined): PlacementRow {
  if (row.target.kind !== 'variant') return row;
  const { variant } = row.target;
  const apply = { ...variant.apply, takeOverFrom: takeOverFrom as PlacementName | undefined };
  return { ...row, target: { ...row.target, variant: { ...variant, apply } } };
}

describe('what keeps objects on a cluster until another placement has taken them over', () => {
  it('is nothing when it has: freshly said of exactly its row, and all of it is applied', () => {
    expect(handOver()).toBeUndefined();
    expect(handOver({ report: { state: 'Degraded' } })).toBeUndefined();
    expect(handOver({}, [])).toBeUndefined();
  });

  it.each([
    ['it has not come there', { hasRow: false }, 'it has not come there yet'],
    ['its row there does not name the take-over', { takeOverFrom: undefined }, 'it has not come there yet'],
    [
      'not all of it is applied',
      { report: { state: 'Stalled', appliedVariantDigest: undefined } },
      'it is Stalled',
    ],
    ['its report is of another row', { report: { version: { epoch: 1, seq: 1 } } }, 'nothing is known'],
    ['nothing fresh is known', { isFresh: false }, 'nothing is known of it there'],
    [
      'an older look at Git did not mean it for the cluster',
      { hasRow: false, elsewhereSince: 2 },
      'not come there',
    ],
  ] as const)('is the heir while %s', (_why, change, expected) => {
    expect(handOver(change)).toContain(`its objects stay on cbb until shop has taken them over`);
    expect(handOver(change)).toContain(expected);
  });

  it('is an heir of whom nothing is known at all', () => {
    expect(handOver({}, ['stranger' as PlacementName])).toContain('until stranger has taken them over');
  });

  it('is nothing where the heir is known not to be meant for the cluster', () => {
    expect(handOver({ hasRow: false, elsewhereSince: 3 })).toBeUndefined();
  });
});
