import type { PlacementName } from '@flotilla/shared/base';
import { expect, it } from 'vitest';
import { placementDocument } from '../core/placement/placement-fixture.ts';
import { names, placement, uidOf, wellReport } from '../core/rollout/samples-fixture.ts';
import { worldCluster } from '../core/rollout/world-cluster-fixture.ts';
import { startPlacingHub } from './placing-hub-fixture.ts';

const everywhere = 'matchExpressions: [{key: none, operator: DoesNotExist}]';
const uncapped =
  'apiVersion: flotilla.dev/v1alpha1\nkind: FleetPolicy\nmetadata: {name: p}\nspec: {maxChanging: 100%}\n';
const atOnce = '  rollout: {strategy: all-at-once}\n';

it('takes nothing from a cluster because others registered, however long the look at Git takes meanwhile', async () => {
  const text = `${uncapped}---\napiVersion: flotilla.dev/v1alpha1\n${placementDocument('shop', `{${everywhere}, pick: {count: 20}}`, atOnce)}`;
  const clusters = names(40);
  const { connect, fleet, holdGit, pass, rowsOf } = await startPlacingHub(text, clusters);
  await pass(2);
  // The look at these knows nobody who runs it, and waits for Git while twenty begin.
  const letGo = holdGit();
  for (const letter of 'abcdefgh') {
    const { cluster } = worldCluster(`znew${letter}`, {}, 0);
    fleet.setRegistration(cluster.uid, cluster, 0);
  }
  await pass(2);
  for (const uid of fleet.registered.keys()) connect(uid);
  await pass(2);
  expect(rowsOf(placement)).toHaveLength(20);
  letGo();
  await pass(10);
  expect(rowsOf(placement).map(({ target }) => target.kind)).toEqual(Array(20).fill('variant'));
  expect(fleet.placementOf(placement).desired.kind).toBe('release');
  expect(fleet.placementOf(placement).notes.map(({ code }) => code)).not.toContain('Resolving');
});

it('begins on a cluster as soon as what the placement depends on is told to be Ready there', async () => {
  const net = 'net' as PlacementName;
  const documents = [
    placementDocument('net', `{${everywhere}}`, atOnce),
    placementDocument('shop', `{${everywhere}}`, `  dependsOn: [net]\n${atOnce}`),
  ].map((one) => `apiVersion: flotilla.dev/v1alpha1\n${one}`);
  const { connect, fleet, pass, rowsOf } = await startPlacingHub(documents.join('---\n'), ['cbb']);
  connect(uidOf('cbb'));
  await pass(5);
  expect(rowsOf(net)).toHaveLength(1);
  expect(rowsOf(placement)).toHaveLength(0);
  expect(fleet.placementOf(placement).notes[0]?.code).toBe('WaitsForDependency');
  const [row] = rowsOf(net);
  if (row === undefined) throw new Error('net has no row');
  const facts = {
    kubernetes: '',
    nodes: 1,
    agent: '',
    isSimulated: false,
    fetchRungs: {},
    inventoryParent: '',
    more: {},
  };
  const report = { ...wellReport(row), placement: net };
  const said = {
    incarnation: 1,
    seq: 1,
    heldDigest: '' as never,
    madeAtMs: 0,
    trimmed: [],
    facts,
    assignments: [report],
  };
  fleet.foldPresence(uidOf('cbb'), { presence: 'connected', announced: { incarnation: 1, seq: 1 } }, 0);
  await pass(5);
  fleet.foldReport(uidOf('cbb'), said, 1);
  await pass(5);
  expect(rowsOf(placement)).toHaveLength(1);
});
