import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MemberCluster } from '../real/member-cluster/index.ts';
import { deploymentPath, untilAllReady, untilAvailable } from './world/expect.ts';
import { until } from './world/until.ts';
import { World } from './world/world.ts';

/** Placements of the example that match env=prod, region=eu without tier=full. */
const placed = [
  'checkout',
  'edge-gateway',
  'feature-flags',
  'ledger',
  'migrations',
  'node-probe',
  'storefront',
];
const checkout = deploymentPath('checkout', 'checkout');
const gateway = deploymentPath('edge-gateway', 'gateway');

describe('one real cluster, from the pasted line on', () => {
  let world: World;
  let member: MemberCluster;
  beforeAll(async () => {
    world = await World.start({ clusters: [{ name: 'eu-1', labels: { env: 'prod', region: 'eu' } }] });
    member = world.member('eu-1');
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
  });

  it('brings the repository onto the cluster, and the command line shows what the cluster has', async () => {
    const shown = await untilAllReady(world, (items) => items.size >= placed.length);
    expect([...shown.keys()].sort()).toEqual(placed.map((name) => `eu-1/${name}`));

    for (const path of [checkout, gateway, deploymentPath('storefront', 'storefront-web')]) {
      const found = await member.read<{ status: { availableReplicas: number } }>(path);
      expect(found?.status.availableReplicas).toBeGreaterThan(0);
    }
  });

  it('changes only what a commit touches', async () => {
    await member.mark();
    const tag = world.control.workshop.freshTag();
    const commit = await world.control.workshop.pushCheckout(tag, 'Checkout: a new version');

    const isNew = (image: string | undefined) => image?.endsWith(`:${tag}`) === true;
    await untilAvailable(member, checkout, ({ spec }) => isNew(spec.template.spec.containers[0]?.image));
    await untilAllReady(world, (items) => items.get('eu-1/checkout')?.status.appliedCommit === commit);

    const writes = await member.agentWrites();
    const elsewhere = writes.filter(({ namespace, resource, name }) =>
      resource === 'assignments' ? name !== 'checkout' : namespace !== 'checkout',
    );
    expect(writes.map(({ resource }) => resource)).toContain('deployments');
    expect(elsewhere).toEqual([]);
  });

  it('corrects an edit made by hand, and touches nothing else', async () => {
    await member.mark();
    await editGateway(member, 5);
    expect(new Set(await writtenObjects(member))).toEqual(new Set(['edge-gateway/gateway']));
  });

  it('corrects an edit made by hand while the hub is dead, and the hub that comes back causes no write', async () => {
    await world.control.killHub();
    await member.mark();
    await editGateway(member, 4);
    expect(new Set(await writtenObjects(member))).toEqual(new Set(['edge-gateway/gateway']));

    await member.mark();
    await world.control.restartHub();
    await untilAllReady(world, (items) => items.size === placed.length);
    expect(await member.agentWriteLines()).toEqual([]);
  });
});

/** Scales the gateway by hand and waits until its cluster has it as Git says again. */
async function editGateway(member: MemberCluster, replicas: number): Promise<void> {
  await member.edit(gateway, { spec: { replicas } });
  await untilAvailable(member, gateway, ({ spec }) => spec.replicas === 2);
  // The parent's status is written after the members: the writes of this correction end with a quiet status.
  await until('a settled status', async () => {
    const parent = await member.read<{ status?: { state?: string } }>(
      '/apis/flotilla.dev/v1alpha1/assignments/edge-gateway',
    );
    return parent?.status?.state === 'Ready' ? parent : undefined;
  });
}

/** `NAMESPACE/NAME` of what the agent wrote since the mark, its own assignment objects apart. */
async function writtenObjects(member: MemberCluster): Promise<readonly string[]> {
  const writes = await member.agentWrites();
  return writes
    .filter(({ resource }) => resource !== 'assignments')
    .map(({ namespace, name }) => `${namespace}/${name}`);
}
