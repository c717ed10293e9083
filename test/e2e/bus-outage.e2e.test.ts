import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { AssignmentItem } from '@flotilla/shared/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MemberCluster } from '../real/member-cluster/index.ts';
import { screenOf } from './world/command-line.ts';
import { deploymentPath, untilAllReady, untilAvailable } from './world/expect.ts';
import { OutsideBus } from './world/outside-bus.ts';
import { until } from './world/until.ts';
import { World } from './world/world.ts';

const run = promisify(execFile);
const placed = 7;
const gateway = deploymentPath('edge-gateway', 'gateway');
const clusters = [{ name: 'eu-1', labels: { env: 'prod', region: 'eu' } }];

describe('a bus that people run, killed and brought back', () => {
  let bus: OutsideBus;
  let world: World;
  let member: MemberCluster;
  beforeAll(async () => {
    world = await World.start({
      clusters,
      beside: async (folder) => {
        bus = await OutsideBus.start(folder);
        return bus;
      },
    });
    member = world.member('eu-1');
    await untilAllReady(world, (items) => items.size === placed);
    await member.mark();
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
  });

  it('is said to be away, while nothing is shown as green that nobody can know', async () => {
    await bus.kill();
    await until('a headline', async () => {
      const { said } = await screenOf(world, 'get', 'assignments');
      return said.some((line) => line.includes('the bus is away')) ? true : undefined;
    });
    await editByHand(member, 5);
    // The agent has news that the hub does not have: that is not green.
    await until('no assignment fresh', async () => {
      const items = await world.control.get('assignments', '--all');
      return items.length === placed && items.every(isUnknown) ? true : undefined;
    });
    const { lines } = await screenOf(world, 'get', 'assignments');
    expect(lines.filter((line) => / Ready /.test(line))).toEqual([]);
  });

  it('comes back, and everything that happened meanwhile is there', async () => {
    const tag = world.control.workshop.freshTag();
    const commit = await world.control.workshop.pushCheckout(tag, 'Pushed while the bus was away');
    await bus.restart();
    const items = await untilAllReady(
      world,
      (shown) => shown.get('eu-1/checkout')?.status.appliedCommit === commit,
    );
    // The correction of the outage is told: nothing lost.
    expect(items.get('eu-1/edge-gateway')?.status.drift.corrected).toBeGreaterThan(0);
    const { said } = await screenOf(world, 'get', 'assignments');
    expect(said).toEqual([]);
    expect(await namespacesWritten(member)).toEqual(['checkout', 'edge-gateway']);
    expect(await member.agentDeletes()).toEqual([]);
  });
});

describe('the bus that the hub runs as its child, killed alone', () => {
  let world: World;
  let member: MemberCluster;
  beforeAll(async () => {
    world = await World.start({ clusters });
    member = world.member('eu-1');
    await untilAllReady(world, (items) => items.size === placed);
    await member.mark();
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
  });

  it('is started again by the hub, and what happened meanwhile is there', async () => {
    const { hub = 0 } = world.control.pids;
    const before = await busProcessOf(hub);
    process.kill(before, 'SIGKILL');
    const tag = world.control.workshop.freshTag();
    const [commit] = await Promise.all([
      world.control.workshop.pushCheckout(tag, 'Pushed while the bus was away'),
      editByHand(member, 4),
    ]);
    const after = await until('another bus process of the same hub', async () => {
      const pid = await busProcessOf(hub);
      return pid === before ? undefined : pid;
    });
    expect(after).not.toBe(before);
    expect(world.control.pids.hub).toBe(hub);

    const items = await untilAllReady(
      world,
      (shown) =>
        shown.get('eu-1/checkout')?.status.appliedCommit === commit &&
        (shown.get('eu-1/edge-gateway')?.status.drift.corrected ?? 0) > 0,
    );
    expect(items.size).toBe(placed);
    expect(await namespacesWritten(member)).toEqual(['checkout', 'edge-gateway']);
  });
});

/** Scales the gateway by hand; resolves when its cluster has it as Git says again. */
async function editByHand(member: MemberCluster, replicas: number): Promise<void> {
  await member.edit(gateway, { spec: { replicas } });
  await untilAvailable(member, gateway, ({ spec }) => spec.replicas === 2);
}

function isUnknown({ status }: AssignmentItem): boolean {
  return status.state === 'Unknown' && !status.freshness.isFresh;
}

/** Namespaces of what the agent wrote since the mark, its own assignment objects by their names. */
async function namespacesWritten(member: MemberCluster): Promise<readonly string[]> {
  const writes = await member.agentWrites();
  const names = writes.map(
    ({ namespace, resource, name }) => (resource === 'assignments' ? name : namespace) ?? '',
  );
  return [...new Set(names)].sort();
}

/** The nats-server whose parent is the hub. Rejects when there is none at the moment. */
async function busProcessOf(hub: number): Promise<number> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,comm=']);
  const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/));
  const found = rows.find(([, parent, name]) => parent === String(hub) && name?.includes('nats-server'));
  if (found === undefined) throw new Error(`process ${hub} has no nats-server`);
  return Number(found[0]);
}
