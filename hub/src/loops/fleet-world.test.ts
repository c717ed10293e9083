import type { ClusterUid } from '@flotilla/shared/base';
import { silentLogger } from '@flotilla/shared/kit';
import { expect, test } from 'vitest';
import { World } from '../core/rollout/rollout-fixture.ts';
import { Fleet } from './fleet.ts';
import { fleetWorld } from './fleet-world.ts';
import { SignedRows } from './signed-rows.ts';

test('a registration makes one stream look, and the end of reading all of them', () => {
  const [one] = new World(['eu-1']).clusters.values();
  const { cluster } = one!;
  const fleet = new Fleet();
  // Nothing of the log, the bus or the signer is asked here.
  const unused = {} as never;
  const signer = unused;
  const world = fleetWorld({
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
