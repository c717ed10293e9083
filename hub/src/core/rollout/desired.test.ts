import { describe, expect, it } from 'vitest';
import { type FleetSpec, parseControlFile, specOf } from '../fleet-spec/index.ts';
import { resolvePlacements } from '../placement/index.ts';
import { cluster, placementDocument, specFrom } from '../placement/placement-fixture.ts';
import { absentPlacement, desiredNow, desiredPlacement } from './desired.ts';
import type { DesiredPlacement } from './evidence.ts';
import { commitOf, placement, releaseWith, uidOf } from './samples-fixture.ts';
import { stableWorld } from './stable-world-fixture.ts';
import { emptyRolloutState } from './state.ts';

const fleet = Array.from({ length: 40 }, (_, index) => cluster(`c-${index}`, { env: 'prod' }));
const adopted = {
  seq: 7,
  event: {
    kind: 'control-adopted' as const,
    commit: commitOf(7),
    ref: 'main',
    files: {},
    broken: {},
    sources: {},
  },
};

function desired(spec: FleetSpec) {
  const [placement] = resolvePlacements(spec, fleet).placements;
  const release = releaseWith('one', commitOf(7));
  return desiredPlacement(spec, { placement: placement!, release, adopted, clusters: fleet.length });
}

describe('desiredPlacement', () => {
  const document = placementDocument('shop', '{matchLabels: {env: prod}}', '  onUnmatch: orphan\n');

  it('names the variant of every matched cluster, the commit that asks for it, and the bounds in clusters', () => {
    const made = desired(specFrom(document));
    expect(made).toMatchObject({
      kind: 'release',
      commit: commitOf(7).id,
      onUnmatch: 'orphan',
      bounds: { withdrawMax: 4, joinMax: 2 },
    });
    expect(made.kind === 'release' && made.targets.size).toBe(40);
  });

  it('takes the bounds of the fleet policy, and never less than one cluster', () => {
    const policy = 'kind: FleetPolicy\nmetadata: {name: p}\nspec: {maxWithdraw: 1%, autoJoinMax: 100%}';
    expect(desired(specFrom(document, policy))).toMatchObject({ bounds: { withdrawMax: 1, joinMax: 40 } });
  });

  it('is unresolved with all reasons when the placement has mistakes', () => {
    const mistaken = placementDocument('shop', '{group: nowhere}');
    const made = desired(specFrom(mistaken.replace('path:', 'ref: "^1.2", path:')));
    expect(made.kind === 'unresolved' && made.reasons.map((one) => one.code)).toEqual([
      'NOT_SUPPORTED_YET',
      'UNKNOWN_REFERENCE',
    ]);
  });
});

describe('absentPlacement', () => {
  it('asks for the removal of a placement that no file names', () => {
    expect(absentPlacement(specFrom(), { adopted, clusters: 40 })).toMatchObject({
      kind: 'absent',
      commit: commitOf(7).id,
      bounds: { withdrawMax: 4 },
    });
  });

  it('but not while a file in force cannot be read: the placement may stand in it', () => {
    const broken = parseControlFile(
      { path: 'a.yaml', text: 'apiVersion: flotilla.dev/v1alpha1\nx: [' },
      true,
    );
    expect(absentPlacement(specOf([broken]), { adopted, clusters: 40 })).toMatchObject({
      kind: 'unresolved',
      reasons: [{ code: 'RemovalWaits', subject: 'a.yaml' }],
    });
  });
});

describe('desiredNow', () => {
  const wanted = absentPlacement(specFrom(), { adopted, clusters: 40 });

  it('is what was found at the adoption that is the newest in the log', () => {
    expect(desiredNow(wanted, 7, emptyRolloutState(placement))).toBe(wanted);
  });

  it('is nothing once the log has a newer adoption: what was wanted before would undo what another hub planned', () => {
    expect(desiredNow(wanted, 8, emptyRolloutState(placement))).toMatchObject({
      kind: 'unresolved',
      reasons: [{ code: 'Resolving' }],
    });
  });

  it('is nothing while the pick did not know who runs it: whoever began since would lose it', () => {
    const world = stableWorld(['cbb', 'cbc']);
    const picked = (...names: readonly string[]) => ({
      ...world.desired,
      pickedFrom: new Set(names.map(uidOf)),
    });
    const now = (desired: DesiredPlacement) => desiredNow(desired, 0, world.state).kind;
    expect(now(picked('cbb', 'cbc', 'gone') as DesiredPlacement)).toBe('release');
    expect(now(picked('cbb') as DesiredPlacement)).toBe('unresolved');
    expect(now(world.desired)).toBe('release');
  });
});
