import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MemberCluster } from '../real/member-cluster/index.ts';
import { exitOf, screenOf } from './world/command-line.ts';
import { untilAllReady } from './world/expect.ts';
import { until } from './world/until.ts';
import { World } from './world/world.ts';

const placementFile = (name: string, more = '') => `apiVersion: flotilla.dev/v1alpha1
kind: Placement
metadata: {name: ${name}}
spec:
  source: {path: apps/${name}}
  namespace: parcel
  createNamespace: true
  clusters: {names: [eu-1]}
${more}`;

const configMap = (name: string, value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {value: "${value}"}\n`;

const settings = ['a', 'b', 'c', 'd'];
const filesOf = (placement: string, value: string, names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [`apps/${placement}/${name}.yaml`, configMap(name, value)]));

interface ConfigMap {
  readonly metadata: { readonly uid: string; readonly labels: { readonly [key: string]: string } };
  readonly data: { readonly value: string };
}

describe('objects that move between placements, and deletes that a person allows, on a real cluster', () => {
  let world: World;
  let member: MemberCluster;
  beforeAll(async () => {
    world = await World.start({
      clusters: [{ name: 'eu-1', labels: { team: 'parcel' } }],
      hubSettings: { 'poll-interval': '1s' },
    });
    member = world.member('eu-1');
    await world.control.workshop.push(
      { 'fleet/parcel.yaml': placementFile('parcel'), ...filesOf('parcel', '1', settings) },
      'Parcel: four settings',
    );
    await untilAllReady(world, (items) => items.get('eu-1/parcel')?.status.objects.total === 4);
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
  });

  const read = (name: string) => member.read<ConfigMap>(`/api/v1/namespaces/parcel/configmaps/${name}`);

  /** Names of the ConfigMaps that the agent deleted since the mark, by the API server's audit log. */
  async function deletedSettings(): Promise<readonly (string | undefined)[]> {
    const deletes = await member.agentDeletes();
    return deletes
      .filter(({ resource }) => resource === 'configmaps')
      .map(({ name }) => name)
      .sort();
  }

  it('takes everything over by one commit, with the uids, and deletes nothing', async () => {
    const before = await Promise.all(settings.map(read));
    await member.mark();
    const commit = await world.control.workshop.push(
      {
        'fleet/parcel.yaml': null,
        'fleet/parcel-next.yaml': placementFile(
          'parcel-next',
          '  takeOverFrom: parcel\n  prune: {maxObjects: 1}\n',
        ),
        ...filesOf('parcel-next', '2', settings),
      },
      'Parcel: a new home',
    );
    // Taking a placement from all of its clusters needs a person; its objects have moved by then.
    await until('what parcel owned is parcel-next, and parcel waits for a person', async () => {
      const [placement] = (await world.control.get('placements', '--all')).filter(
        ({ metadata }) => metadata.name === 'parcel',
      );
      return placement?.status.held[0]?.code === 'WithdrawHeld' ? placement : undefined;
    });
    expect(await exitOf(world, 'source', 'accept', 'control', commit)).toMatchObject({ code: 0 });
    await untilAllReady(world, (items) => items.has('eu-1/parcel-next') && !items.has('eu-1/parcel'));

    const after = await Promise.all(settings.map(read));
    expect(after.map((one) => one?.metadata.uid)).toEqual(before.map((one) => one?.metadata.uid));
    expect(after.map((one) => one?.data.value)).toEqual(['2', '2', '2', '2']);
    for (const one of after) expect(one?.metadata.labels['flotilla.dev/assignment']).toBe('parcel-next');
    expect(await deletedSettings()).toEqual([]);
  });

  it('holds deletes above the budget, and deletes exactly the list that a person allowed', async () => {
    await member.mark();
    await world.control.workshop.push(
      { 'apps/parcel-next/b.yaml': null, 'apps/parcel-next/c.yaml': null },
      'Parcel: two settings less',
    );
    const held = await until('deletes that wait for a person', async () => {
      const items = await world.control.get('assignments', '--all');
      return items.find(({ spec }) => spec.placement === 'parcel-next')?.status.heldPrune;
    });
    expect(held.total).toBe(2);
    const why = await screenOf(world, 'why', 'eu-1', 'parcel-next');
    const next = why.lines.find((line) => line.startsWith('next'))?.replace(/^next +flotilla +/, '') ?? '';
    expect(next).toBe(
      `rollout approve-prune parcel-next --cluster eu-1 --hash ${held.listHash.slice(0, 12)}`,
    );
    const wrong = [...next.split(' ').slice(0, -1), 'f'.repeat(12)];
    const stale = await exitOf(world, ...wrong);
    expect(stale).toMatchObject({ code: 3 });
    expect(stale.stderr).toContain(held.listHash.slice(0, 12));
    expect(await deletedSettings()).toEqual([]);

    expect(await exitOf(world, ...next.split(' '), '--reason', 'not used any more')).toMatchObject({
      code: 0,
    });
    await until(
      'b and c are gone',
      async () => ((await read('b')) ?? (await read('c'))) === undefined || undefined,
    );
    await exitOf(world, 'rollout', 'resume', 'parcel-next');
    await untilAllReady(world, (items) => items.get('eu-1/parcel-next')?.status.objects.total === 2);
    expect(await deletedSettings()).toEqual(['b', 'c']);
    expect(await read('a')).toBeDefined();
  });
});
