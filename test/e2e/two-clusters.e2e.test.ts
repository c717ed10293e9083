import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MemberCluster } from '../real/member-cluster/index.ts';
import { type Deployment, deploymentPath, untilAllReady, untilAvailable } from './world/expect.ts';
import { until } from './world/until.ts';
import { World } from './world/world.ts';

const gateway = deploymentPath('edge-gateway', 'gateway');
const storefront = deploymentPath('storefront', 'storefront-web');
const ledger = '/apis/apps/v1/namespaces/ledger/statefulsets/ledger';
const ledgerParent = '/apis/flotilla.dev/v1alpha1/assignments/ledger';

/** So many that an apply of them takes long enough to be cut in two. */
const settingsCount = 300;

describe('two real clusters of different regions', () => {
  let world: World;
  let eu: MemberCluster;
  let us: MemberCluster;
  beforeAll(async () => {
    world = await World.start({
      clusters: [
        { name: 'eu-1', labels: { env: 'prod', region: 'eu' } },
        { name: 'us-1', labels: { env: 'prod', region: 'us' } },
      ],
    });
    eu = world.member('eu-1');
    us = world.member('us-1');
    await untilAllReady(world, (items) => items.size === 14);
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
  });

  it('have what their overrides say', async () => {
    expect(await replicasOf(eu, gateway)).toBe(2);
    expect(await replicasOf(us, gateway)).toBe(3);
    expect(await replicasOf(eu, storefront)).toBe(3);
    expect(await replicasOf(us, storefront)).toBe(2);
  });

  it('lose a placement when a label edit in Git takes them out of its rule, by that commit alone', async () => {
    await Promise.all([eu.mark(), us.mark()]);
    // Held open by somebody's finalizer, the removal can be looked at while it is under way.
    await us.edit(ledger, { metadata: { finalizers: ['example.org/backup'] } });
    const commit = await world.control.workshop.push(
      { 'fleet/clusters.yaml': clusterDocument('us-1', { env: 'prod', region: 'ap' }) },
      'us-1 moves to ap',
    );

    const removal = await until('a removal of the ledger', async () => {
      const [item] = await world.control.get('assignments', '--field', 'placement=ledger,cluster=us-1');
      return item?.spec.isRemoval === true ? item : undefined;
    });
    expect(removal.spec.cause).toEqual({ kind: 'commit', commit });
    await until('a deleted ledger', async () => {
      const found = await us.read<{ metadata: { deletionTimestamp?: string } }>(ledger);
      return found?.metadata.deletionTimestamp;
    });
    await us.edit(ledger, { metadata: { finalizers: null } });
    await until('us-1 without the ledger', async () => {
      const left = await Promise.all([us.read(ledger), us.read(ledgerParent)]);
      return left.every((one) => one === undefined) ? true : undefined;
    });
    await untilAvailable(us, gateway, ({ spec }) => spec.replicas === 2);
    await untilAllReady(world, (items) => !items.has('us-1/ledger'));

    const deleted = (await us.agentDeletes()).map(({ resource, namespace, name }) => ({
      resource,
      in: namespace ?? name,
    }));
    expect(deleted).toContainEqual({ resource: 'statefulsets', in: 'ledger' });
    // The overlay of ap generates its settings under another name; the old ones go.
    expect(deleted.filter((one) => one.in !== 'ledger' && one.in !== 'storefront')).toEqual([]);
    expect(await eu.agentWriteLines()).toEqual([]);
    expect(await eu.read(ledger)).toBeDefined();
  });

  it('converge when the agent is killed in the middle of an apply and comes back without hub and Git', async () => {
    await eu.mark();
    const commit = await world.control.workshop.push(
      { 'apps/migrations/settings.yaml': manySettings(settingsCount) },
      'Migrations: many settings',
    );
    await until('the first of the settings', async () =>
      (await eu.agentWrites()).some(({ name }) => name?.startsWith('setting-') === true) ? true : undefined,
    );
    await eu.killAgent();
    await world.control.killHub();
    await world.control.stopGit();
    const half = await settingsOn(eu);
    expect(half).toBeGreaterThan(0);
    expect(half).toBeLessThan(settingsCount);

    await eu.startAgent();
    await until('all settings', async () => ((await settingsOn(eu)) === settingsCount ? true : undefined));

    await world.control.restartGit();
    await world.control.restartHub();
    await untilAllReady(world, (items) => items.get('eu-1/migrations')?.status.appliedCommit === commit);
    expect(await eu.agentDeletes()).toEqual([]);
  });
});

async function replicasOf(member: MemberCluster, path: string): Promise<number | undefined> {
  return (await member.read<Deployment>(path))?.spec.replicas;
}

/** How many of the many settings the API server has. */
async function settingsOn(member: MemberCluster): Promise<number> {
  const list = await member.read<{
    readonly items: readonly { readonly metadata: { readonly name: string } }[];
  }>('/api/v1/namespaces/migrations/configmaps');
  return list?.items.filter(({ metadata }) => metadata.name.startsWith('setting-')).length ?? 0;
}

function clusterDocument(name: string, labels: { readonly [key: string]: string }): string {
  return `apiVersion: flotilla.dev/v1alpha1\nkind: Cluster\nmetadata:\n  name: ${name}\n  labels: ${JSON.stringify(labels)}\n`;
}

function manySettings(count: number): string {
  const documents = Array.from(
    { length: count },
    (_, index) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: setting-${index}\ndata:\n  value: "${index}"\n`,
  );
  return documents.join('---\n');
}
