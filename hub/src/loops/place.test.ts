import type { ClusterUid, PlacementName } from '@flotilla/shared/base';
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

function reportOf(seq: number, kubernetes: string, nodes: number) {
  const others = { agent: '', isSimulated: false, fetchRungs: {}, inventoryParent: '', more: {} };
  const facts = { kubernetes, nodes, ...others };
  return { incarnation: 1, seq, heldDigest: '' as never, madeAtMs: 0, trimmed: [], facts, assignments: [] };
}

it('looks at facts again only when they come to something else, and at no other placement for them', async () => {
  const documents = [
    placementDocument('net', `{${everywhere}}`, atOnce),
    placementDocument('shop', `{cel: "facts.kubernetes >= semver('1.29')"}`, atOnce),
  ].map((one) => `apiVersion: flotilla.dev/v1alpha1\n${one}`);
  const { connect, fleet, pass } = await startPlacingHub(`${uncapped}---\n${documents.join('---\n')}`, [
    'cbb',
    'cbc',
  ]);
  const [one, other] = [uidOf('cbb'), uidOf('cbc')];
  const says = (uid: ClusterUid, seq: number, kubernetes: string, nodes = 1) => {
    fleet.foldReport(uid, reportOf(seq, kubernetes, nodes), seq);
    fleet.foldPresence(uid, { presence: 'connected', announced: { incarnation: 1, seq } }, 0);
  };
  connect(one);
  connect(other);
  await pass(2);
  expect(fleet.placementOf(placement).desired).toMatchObject({
    kind: 'unresolved',
    reasons: [{ code: 'Starting' }],
  });
  fleet.statusRead();
  says(one, 1, 'v1.29.3');
  says(other, 1, 'v1.28.9');
  await pass(2);
  const matched = () => fleet.placementOf(placement).resolved?.matched.map(({ name }) => name);
  expect(matched()).toEqual(['cbb']);
  const [shop, net] = [placement, 'net' as PlacementName].map((name) => fleet.placementOf(name).resolved);
  for (let seq = 2; seq < 20; seq += 1)
    for (const uid of [one, other]) says(uid, seq, uid === one ? 'v1.30.1' : 'v1.28.9', seq);
  await pass(5);
  expect(fleet.placementOf(placement).resolved).toBe(shop);

  says(other, 20, 'v1.29.0');
  await pass(2);
  expect(matched()).toEqual(['cbb', 'cbc']);
  expect(fleet.placementOf('net' as PlacementName).resolved).toBe(net);

  // What a cluster says takes nothing from it: it runs the placement now.
  says(other, 21, 'v1.28.9');
  await pass(5);
  expect(matched()).toEqual(['cbb', 'cbc']);
  expect(fleet.placementOf(placement).state.held?.clusters).toEqual([other]);
  says(other, 22, 'v1.29.0');
  await pass(5);
  expect(fleet.placementOf(placement).state.held).toBeUndefined();
});
