import type { PlacementName } from '@flotilla/shared/base';
import { expect, it } from 'vitest';
import { placementDocument } from '../core/placement/placement-fixture.ts';
import { placement, uidOf } from '../core/rollout/samples-fixture.ts';
import { startPlacingHub } from './placing-hub-fixture.ts';

const header = 'apiVersion: flotilla.dev/v1alpha1\n';
const everywhere = '{matchExpressions: [{key: none, operator: DoesNotExist}]}';
const shop = `${header}${placementDocument('shop', everywhere, '  rollout: {strategy: all-at-once}\n')}`;
const policy = `${header}kind: FleetPolicy\nmetadata: {name: p}\nspec: {maxChanging: 100%}\n`;

function windowDocument(name: string, spec: string): string {
  return `${header}kind: ChangeWindow\nmetadata: {name: ${name}}\nspec: ${spec}\n`;
}

it('begins nothing while a window is closed, says until when, and begins by itself when it opens', async () => {
  // The manual clock begins at 2026-01-01T00:00Z.
  const window = windowDocument(
    'morning',
    '{mode: deny, clusters: {names: [eu-1]}, schedule: {cron: "0 0 1 1 *", duration: 3h}}',
  );
  const hub = await startPlacingHub([policy, shop, window].join('---\n'), ['eu-1', 'eu-2']);
  for (const name of ['eu-1', 'eu-2']) hub.connect(uidOf(name));
  await hub.pass(5);
  expect(hub.rowsOf(placement)).toHaveLength(1);
  const { held, notes } = hub.fleet.placementOf(placement);
  expect(held?.get(uidOf('eu-1'))).toEqual({
    code: 'WindowClosed',
    text: 'waits for change window morning, opens 2026-01-01 03:00 UTC',
    subject: 'shop-1',
  });
  expect(notes.map(({ code }) => code)).toEqual(['WindowClosed', 'WaitsForClusters']);
  await hub.pass(3 * 3_600 - 600, 600);
  expect(hub.rowsOf(placement)).toHaveLength(1);
  await hub.pass(700, 10);
  expect(hub.rowsOf(placement)).toHaveLength(2);
});

it('names windows that leave no room as a mistake of the placement, and holds only their clusters', async () => {
  const text = [
    policy,
    shop,
    windowDocument(
      'weekend',
      '{mode: allow, clusters: {names: [eu-1]}, schedule: {cron: "0 0 * * sat", duration: 1d}}',
    ),
    windowDocument('saturday', '{mode: deny, schedule: {cron: "0 0 * * sat", duration: 1d}}'),
  ].join('---\n');
  const hub = await startPlacingHub(text, ['eu-1', 'eu-2']);
  for (const name of ['eu-1', 'eu-2']) hub.connect(uidOf(name));
  await hub.pass(5);
  const known = hub.fleet.placementOf(placement);
  expect(known.errors.map(({ code, line, text }) => [code, line, text.slice(0, 40)])).toEqual([
    ['CONTRADICTION', 14, 'ChangeWindow weekend (allow) leaves, wit'],
  ]);
  expect(known.desired.kind).toBe('release');
  expect([...known.state.rows.keys()]).toEqual([uidOf('eu-2')]);
});

it('holds whom a window that cannot be kept is about, together with what is placed there', async () => {
  const text = [
    policy,
    shop,
    `${header}${placementDocument('net', '{names: [eu-2]}', '  rollout: {strategy: all-at-once}\n')}`,
    windowDocument(
      'typo',
      '{mode: deny, clusters: {names: [eu-1], group: nobody}, schedule: {cron: "0 0 * * sat", duration: 1d}}',
    ),
  ].join('---\n');
  const hub = await startPlacingHub(text, ['eu-1', 'eu-2']);
  for (const name of ['eu-1', 'eu-2']) hub.connect(uidOf(name));
  await hub.pass(5);
  expect(hub.fleet.placementOf(placement).errors[0]?.text).toContain('there is no ClusterGroup "nobody"');
  expect(hub.rowsOf(placement)).toEqual([]);
  expect(hub.rowsOf('net' as PlacementName)).toHaveLength(1);
});

it('lets begin what a person calls urgent, with a reason, where the window exempts that and nowhere else', async () => {
  const closed = (name: string, exempt: string) =>
    windowDocument(
      `for-${name}`,
      `{mode: deny, clusters: {names: [${name}]}, schedule: {cron: "0 0 1 1 *", duration: 3h}, exempt: [${exempt}]}`,
    );
  const text = [policy, shop, closed('eu-1', 'urgent'), closed('eu-2', 'rollback')].join('---\n');
  const hub = await startPlacingHub(text, ['eu-1', 'eu-2']);
  for (const name of ['eu-1', 'eu-2']) hub.connect(uidOf(name));
  await hub.pass(5);
  expect(hub.rowsOf(placement)).toEqual([]);
  expect(await hub.operate({ verb: 'urgent' }, placement, '')).toMatchObject({
    ok: false,
    error: { kind: 'invalid', code: 'FLT-4023' },
  });
  expect(await hub.operate({ verb: 'urgent' }, placement, 'the certificate runs out')).toMatchObject({
    ok: true,
    value: { rollout: 'shop-1', isChanged: true },
  });
  await hub.pass(5);
  expect([...hub.fleet.placementOf(placement).state.rows.keys()]).toEqual([uidOf('eu-1')]);
  expect(hub.fleet.placementOf(placement).held?.get(uidOf('eu-2'))?.text).toContain('change window for-eu-2');
});
