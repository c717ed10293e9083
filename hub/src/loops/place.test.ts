import { type ClusterUid, type PlacementName, seededRandom } from '@flotilla/shared/base';
import { silentLogger } from '@flotilla/shared/kit';
import { manualClock } from '@flotilla/shared/kit/manual-clock';
import { decisionFormat } from '@flotilla/shared/model';
import { expect, it, onTestFinished } from 'vitest';
import { memoryDecisionLog } from '../../../test/fakes/index.ts';
import { seen } from '../core/fleet-spec/spec-fixture.ts';
import { placementDocument } from '../core/placement/placement-fixture.ts';
import { sourceOf } from '../core/release/release-fixture.ts';
import { World } from '../core/rollout/rollout-fixture.ts';
import { commitOf, hub, names, placement, uidOf, wellReport } from '../core/rollout/samples-fixture.ts';
import { worldCluster } from '../core/rollout/world-cluster-fixture.ts';
import { controlSubject } from './append.ts';
import { idOf, never, startHub } from './deciding-hub-fixture.ts';
import { startPlacing } from './place.ts';
import { startRollouts } from './rollout.ts';

const everywhere = 'matchExpressions: [{key: none, operator: DoesNotExist}]';
const uncapped =
  'apiVersion: flotilla.dev/v1alpha1\nkind: FleetPolicy\nmetadata: {name: p}\nspec: {maxChanging: 100%}\n';
const atOnce = '  rollout: {strategy: all-at-once}\n';

/** A hub process that places and rolls out what this text says; its looks at Git wait while `holdGit` is on. */
async function startPlacingHub(text: string, clusters: readonly string[]) {
  const log = memoryDecisionLog(manualClock());
  const event = {
    format: decisionFormat,
    id: idOf(1, 'k'),
    atMs: 0,
    actor: hub,
    expectedSeq: 0,
    evidence: undefined,
  };
  const adopted = { commit: commitOf(9), ref: 'main', sources: {}, files: {}, broken: {} };
  await log.append(controlSubject, { ...event, payload: { kind: 'control-adopted', ...adopted } }, never);
  const { deps, fleet } = await startHub(log, new World(clusters));
  const connect = (uid: ClusterUid) =>
    fleet.foldPresence(uid, { presence: 'connected', announced: undefined }, 0);
  const git: { read: Promise<void> } = { read: Promise.resolve() };
  const snapshots = {
    texts: new Map(),
    readTexts: async () => {},
    read: async () => {
      await git.read;
      return sourceOf({ 'apps/shop/a.yaml': 'x', 'apps/net/a.yaml': 'x' });
    },
  };
  const stopping = new AbortController();
  const rest = { ...deps, random: seededRandom(1), log: silentLogger };
  const files = { readInForce: async () => ({ files: seen({ 'a.yaml': text }) }) };
  // Of a hub's Git side only what placing calls is here.
  const placing = startPlacing(
    { ...rest, files, snapshots, pollIntervalMs: 30_000 } as never,
    stopping.signal,
  );
  const rolling = startRollouts(rest, stopping.signal);
  onTestFinished(async () => {
    stopping.abort();
    await Promise.all([placing.ended, rolling.ended]);
  });
  return {
    fleet,
    connect,
    pass: async (seconds: number) => {
      for (let second = 0; second < seconds; second += 1) await deps.clock.advance(1_000);
    },
    holdGit(): () => void {
      const { promise, resolve } = Promise.withResolvers<void>();
      git.read = promise;
      return resolve;
    },
    rowsOf: (name: PlacementName) => [...fleet.placementOf(name).state.rows.values()],
  };
}

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
