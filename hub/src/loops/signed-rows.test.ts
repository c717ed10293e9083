import type { ClusterUid, Digest } from '@flotilla/shared/base';
import { memberOf, rowMacInput } from '@flotilla/shared/model';
import { expect, test } from 'vitest';
import { World } from '../core/rollout/rollout-fixture.ts';
import { stableWorld } from '../core/rollout/stable-world-fixture.ts';
import { Fleet } from './fleet.ts';
import { placementSubject } from './fleet-state.ts';
import { SignedRows } from './signed-rows.ts';

/** A hub that has folded a world's log, and how often it asked for a MAC. */
function signing(world: World) {
  const fleet = new Fleet();
  for (const { cluster } of world.clusters.values()) fleet.setRegistration(cluster.uid, cluster, 0);
  const asked: string[] = [];
  const macRow = (input: string) => {
    asked.push(input);
    return input as Digest;
  };
  let folded = 0;
  return {
    asked,
    rows: new SignedRows(fleet, { macRow }, () => undefined),
    fold() {
      for (const one of world.log.slice(folded))
        fleet.foldDecision({ ...one, subject: placementSubject(world.state.placement) });
      folded = world.log.length;
    },
  };
}

function uidOf(world: World): ClusterUid {
  const [uid] = world.clusters.keys();
  return uid!;
}

test('a row that stands is the same object and is signed once; a newer one is signed anew', () => {
  const world = stableWorld(['eu-1', 'eu-2']);
  const hub = signing(world);
  hub.fold();
  const uid = uidOf(world);
  const [first] = hub.rows.of(uid);

  expect(hub.rows.of(uid)[0]).toBe(first);
  expect(hub.asked).toEqual([rowMacInput(uid, memberOf(first!), first!.proof.eventHash)]);

  world.push('two');
  world.run();
  hub.fold();
  const [second] = hub.rows.of(uid);
  expect(second!.version.seq).toBeGreaterThan(first!.version.seq);
  expect(hub.asked).toHaveLength(2);
  expect(hub.asked[1]).toBe(rowMacInput(uid, memberOf(second!), second!.proof.eventHash));
});

test('a cluster that was never told anything has no rows', () => {
  const world = new World(['eu-1']);
  const hub = signing(world);
  hub.fold();
  expect(hub.rows.of(uidOf(world))).toEqual([]);
});
