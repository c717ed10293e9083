import type { ClusterUid } from '@flotilla/shared/base';
import { silentLogger } from '@flotilla/shared/kit';
import { expect, test } from 'vitest';
import { World } from '../core/rollout/rollout-fixture.ts';
import { logOf, startHub, worldUnderWay } from './deciding-hub-fixture.ts';
import { Fleet } from './fleet.ts';
import { fleetWorld } from './fleet-world.ts';
import { SignedRows } from './signed-rows.ts';

/** A fleet as its sessions see it; nothing of the log, the bus or the signer is asked here. */
function worldOf(fleet: Fleet) {
  const unused = {} as never;
  const signer = unused;
  return fleetWorld({
    fleet,
    rows: new SignedRows(fleet, signer, () => undefined),
    decisions: unused,
    status: unused,
    signer,
    hubId: unused,
    hubVersion: '0.1.0',
    encodeReport: () => new Uint8Array(),
    onImpaired: () => {},
    wallMs: () => 0,
    log: silentLogger,
  });
}

test('a registration makes one stream look, and the end of reading all of them', () => {
  const [one] = new World(['eu-1']).clusters.values();
  const { cluster } = one!;
  const fleet = new Fleet();
  const world = worldOf(fleet);
  const looks: (readonly ClusterUid[] | undefined)[] = [];
  const stop = world.onChange((uids) => looks.push(uids));

  fleet.logFolded();
  fleet.registryRead();
  const afterStart = looks.splice(0);
  fleet.setRegistration(cluster.uid, cluster, 1);
  fleet.setRegistration(cluster.uid, undefined, 2);
  stop();
  fleet.setRegistration(cluster.uid, cluster, 3);

  expect(afterStart.every((look) => look === undefined)).toBe(true);
  expect(looks).toEqual([[cluster.uid], [cluster.uid]]);
});

test('whoever was given a row was heard once, also when the bus knows no report of it any more', async () => {
  const world = worldUnderWay();
  const { fleet } = await startHub(await logOf(world), world);
  const stranger = new World(['eu-9']).clusters.values().next().value!.cluster;
  fleet.setRegistration(stranger.uid, stranger, 0);
  const heard = worldOf(fleet).onceHeard();
  expect(heard).toEqual([...world.clusters.keys()].map((uid) => ({ uid, reportedAtMs: 0 })));
});
