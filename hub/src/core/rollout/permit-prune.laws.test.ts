import type { ClusterUid, Digest } from '@flotilla/shared/base';
import { compareVersions } from '@flotilla/shared/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldRollout } from './fold.ts';
import { fleet, type Happening, happen, happening } from './happenings-fixture.ts';
import { World } from './rollout-fixture.ts';
import { canaryThenRest, hub, placement, uidOf } from './samples-fixture.ts';
import { emptyRolloutState, type PlacementRow } from './state.ts';

const hash = fc.constantFrom('a', 'b').map((digit) => digit.repeat(64) as Digest);
const cluster = fc.constantFrom(...fleet.slice(0, 3));

/** What agents hold back, what people allow, and permissions that come for rows of long ago. */
const pruning = fc.oneof(
  fc.record({ do: fc.constant('holds' as const), cluster, hash }),
  fc.record({ do: fc.constant('allow' as const), cluster, hash }),
  fc.record({ do: fc.constant('belated' as const), cluster, hash, back: fc.integer({ min: 1, max: 20 }) }),
);
type Pruning = typeof pruning extends fc.Arbitrary<infer T> ? T : never;

const history = fc.array(fc.oneof({ arbitrary: happening, weight: 1 }, { arbitrary: pruning, weight: 1 }), {
  minLength: 1,
  maxLength: 60,
  size: 'max',
});

/** What happened, and the rows for which an agent had freshly named exactly the list that was allowed. */
function play(happenings: readonly (Happening | Pruning)[]) {
  const world = new World(fleet.slice(0, 8));
  world.strategy = canaryThenRest();
  world.push('one');
  const named = new Set<string>();
  for (const one of happenings) {
    if (one.do === 'allow' || one.do === 'belated' || one.do === 'holds') prune(world, one, named);
    else happen(world, one);
    for (let round = 0; round < 20 && world.look().length > 0; round += 1);
  }
  return { world, named };
}

function prune(world: World, one: Pruning, named: Set<string>): void {
  const uid = uidOf(one.cluster);
  const row = world.state.rows.get(uid);
  if (row === undefined || !world.clusters.has(uid)) return;
  if (one.do === 'holds') {
    const heldPrune = { listHash: one.hash, objects: [], total: 2, reason: 'too many' };
    world.says(one.cluster, { state: 'Stalled', reason: 'PruneHeld', heldPrune });
    return;
  }
  const known = world.clusters.get(uid);
  if (one.do === 'allow') {
    const isExact = known?.isFresh === true && known.report?.heldPrune?.listHash === one.hash;
    if (isExact && compareVersions(known.report!.version, row.version) === 0)
      named.add(`${uid} ${row.version.seq} ${one.hash}`);
    world.operate({ verb: 'approve-prune', cluster: uid, hash: one.hash });
    return;
  }
  // As if a decision about an older row stood in the log: no hub writes it, and it has no effect.
  const version = { epoch: 1, seq: Math.max(0, row.version.seq - one.back) };
  const payload = { kind: 'prune-permitted', cluster: uid, version, listHash: one.hash } as const;
  world.append({ actor: hub, evidence: undefined, payload });
}

/** Each change of a row by the log. */
function* changes(world: World) {
  let before = emptyRolloutState(placement);
  for (const stored of world.log) {
    const after = foldRollout(before, stored);
    for (const [uid, row] of after.rows) {
      const old = before.rows.get(uid);
      if (old !== row) yield { uid, row, old, payload: stored.event.payload };
    }
    before = after;
  }
}

function isSameButPermission(row: PlacementRow, old: PlacementRow): boolean {
  return row.target === old.target && row.rollout === old.rollout && row.mode === old.mode;
}

describe('a permission to prune', () => {
  it('I18: is for the list that an agent freshly named for exactly the row that stood, and for no other row or list', () => {
    fc.assert(
      fc.property(history, (happenings) => {
        const { world, named } = play(happenings);
        for (const { uid, row, old, payload } of changes(world)) {
          if (payload.kind !== 'prune-permitted') {
            expect(row.permittedPrune).toBeUndefined();
            continue;
          }
          expect(uid satisfies ClusterUid).toBe(payload.cluster);
          expect(compareVersions(payload.version, old!.version)).toBe(0);
          expect(isSameButPermission(row, old!)).toBe(true);
          expect(row.permittedPrune).toBe(payload.listHash);
          expect(compareVersions(row.version, old!.version)).toBeGreaterThan(0);
          expect(named).toContain(`${uid} ${old!.version.seq} ${payload.listHash}`);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is given by at least some of those histories', () => {
    const seen = fc
      .sample(history, { numRuns: 300, seed: 1 })
      .filter((one) => [...changes(play(one).world)].some(({ row }) => row.permittedPrune !== undefined));
    expect(seen.length).toBeGreaterThan(50);
  });
});
