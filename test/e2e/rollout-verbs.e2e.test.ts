import type { GitId } from '@flotilla/shared/base';
import type { PlacementItem, RolloutItem } from '@flotilla/shared/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MemberCluster } from '../real/member-cluster/index.ts';
import { exitOf, screenOf } from './world/command-line.ts';
import { type Deployment, deploymentPath, untilAllReady, untilAvailable } from './world/expect.ts';
import { until } from './world/until.ts';
import { World } from './world/world.ts';

const checkout = deploymentPath('checkout', 'checkout');
const firstTag = '2.4.1';

/** A canary that soaks until a person says that it is enough, and a deadline that a test can wait for. */
const patientStrategy = `apiVersion: flotilla.dev/v1alpha1
kind: RolloutStrategy
metadata: {name: demo}
spec:
  stages:
  - {name: canary, canary: 1, soak: 1h}
  - {name: rest, remaining: true, waves: {start: 100%, max: 100%}, soak: 2s}
  defaults:
    deadline: 30s
    offline: {after: 20s}
`;

describe('a person who steers rollouts on two real clusters', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({
      clusters: [
        { name: 'eu-1', labels: { env: 'prod', region: 'eu' } },
        { name: 'us-1', labels: { env: 'prod', region: 'us' } },
      ],
      hubSettings: { 'poll-interval': '1s' },
    });
    await untilAllReady(world, (items) => items.size === 14);
    await world.control.workshop.push({ 'fleet/strategy.yaml': patientStrategy }, 'A patient strategy');
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
  });

  it('undoes a bad commit while Git is away: everybody is back on what was stable, and the commit stays out', async () => {
    for (const member of world.members) await member.mark();
    const commit = await world.control.workshop.pushCheckout('broken', 'Checkout: no such image');
    await untilUnderWay(commit);
    const watched = await exitOf(world, 'rollout', 'watch', 'checkout', '--timeout', '100s');
    expect(watched).toMatchObject({ code: 3 });
    expect(watched.stdout).toContain('Halted');
    expect((await exitOf(world, 'rollout', 'status', 'checkout')).code).toBe(3);
    const [canary, other] = await splitBy('broken');

    await world.control.stopGit();
    await canary.mark();
    const undone = await exitOf(world, 'rollout', 'undo', 'checkout', '--reason', 'incident 812');
    expect(undone).toMatchObject({ code: 0 });
    expect(await exitOf(world, 'rollout', 'watch', 'checkout', '--timeout', '100s')).toMatchObject({
      code: 0,
    });

    await untilAvailable(canary, checkout, hasTag(firstTag));
    expect(await writtenTo(canary)).toContain('deployments/checkout');
    expect(await writtenTo(other)).toEqual([]);
    const again = await exitOf(world, 'rollout', 'undo', 'checkout', '--reason', 'to be sure');
    expect(again.stderr).toContain('it was so already');

    await world.control.restartGit();
    await world.control.killHub();
    await world.control.restartHub();
    await untilAllReady(world);
    await untilRead();
    const placement = await placementNow();
    expect(placement.status.stopped).toMatchObject([
      { kind: 'rejected', text: 'incident 812', by: { kind: 'person', name: 'admin' } },
    ]);
    expect(placement.status.reason?.text).toContain('flotilla rollout retry checkout');
    for (const member of world.members) expect(await tagOn(member)).toBe(firstTag);
    const why = await screenOf(world, 'why', canary.name, 'checkout');
    expect(why.lines.join('\n')).toMatch(
      /Takes it +yes[\s\S]*Why +Rejected: .*incident 812[\s\S]*next +flotilla rollout retry checkout/,
    );
    const history = await screenOf(world, 'history', 'checkout');
    expect(history.lines[1]).toMatch(/^checkout-\d+ +rollback +Succeeded/);
    expect(history.lines[2]).toMatch(/^checkout-\d+ +update +Superseded .*incident 812$/);
  });

  it('lets a fix out step by step: paused nothing opens, promoted and resumed it ends well', async () => {
    const tag = world.control.workshop.freshTag();
    const commit = await world.control.workshop.pushCheckout(tag, 'Checkout: an image that exists');
    await untilUnderWay(commit);
    const [canary] = await untilSplitBy(tag);
    await untilAvailable(canary, checkout, hasTag(tag));

    await succeeds('rollout', 'pause', 'checkout');
    expect((await exitOf(world, 'rollout', 'status', 'checkout')).code).toBe(5);
    await succeeds('rollout', 'promote', 'checkout');
    await until('a canary that passed', async () => {
      const rollout = await rolloutOf(commit);
      return rollout?.spec.waves[0]?.state === 'passed' ? rollout : undefined;
    });
    expect((await rolloutOf(commit))?.spec.waves.map(({ state }) => state)).toEqual(['passed', 'waiting']);
    expect(await splitBy(tag)).toHaveLength(2);

    await succeeds('rollout', 'resume', 'checkout');
    expect(await exitOf(world, 'rollout', 'watch', 'checkout', '--timeout', '100s')).toMatchObject({
      code: 0,
    });
    for (const member of world.members) await untilAvailable(member, checkout, hasTag(tag));
    expect((await placementNow()).status.stopped).toEqual([]);
  });

  it('leaves a cluster out by its name until it is retried', async () => {
    const tag = world.control.workshop.freshTag();
    const commit = await world.control.workshop.pushCheckout(tag, 'Checkout: one more');
    await untilUnderWay(commit);
    const [, other] = await untilSplitBy(tag);
    const before = await tagOn(other);

    await succeeds('rollout', 'skip', 'checkout', other.name, '--reason', 'maintenance there');
    await succeeds('rollout', 'promote', 'checkout');
    expect(await exitOf(world, 'rollout', 'watch', 'checkout', '--timeout', '100s')).toMatchObject({
      code: 0,
    });
    expect((await placementNow()).status.skipped).toBe(1);
    expect(await tagOn(other)).toBe(before);

    await succeeds('rollout', 'retry', 'checkout');
    await untilAvailable(other, checkout, hasTag(tag));
    expect((await placementNow()).status.skipped).toBe(0);
  });

  async function succeeds(...args: readonly string[]): Promise<void> {
    const outcome = await exitOf(world, ...args);
    if (outcome.code !== 0) throw new Error(`${args.join(' ')}: ${outcome.code} ${outcome.stderr}`);
  }

  async function rolloutOf(commit: GitId): Promise<RolloutItem | undefined> {
    const rollouts = await world.control.get('rollouts', '--field', 'placement=checkout');
    return rollouts.findLast(({ spec }) => spec.release?.commit.id === commit);
  }

  async function untilUnderWay(commit: GitId): Promise<void> {
    await until(`a rollout of ${commit}`, () => rolloutOf(commit));
  }

  async function placementNow(): Promise<PlacementItem> {
    const [item] = await world.control.get('placements', '--field', 'name=checkout');
    if (item === undefined) throw new Error('there is no placement checkout');
    return item;
  }

  /** Waits until the hub has looked at Git twice since now. */
  async function untilRead(): Promise<void> {
    const { asOfMs } = (await world.control.client.status()).status;
    await until('a look at Git', async () => {
      const { readAtMs = 0 } = (await world.control.client.status()).status.control;
      return readAtMs > asOfMs + 1_000 ? true : undefined;
    });
  }

  /** The cluster that runs the tag, and the one that does not. */
  async function splitBy(tag: string): Promise<readonly [MemberCluster, MemberCluster]> {
    const tags = await Promise.all(world.members.map(tagOn));
    const [one, two] = world.members;
    if (one === undefined || two === undefined || (tags[0] === tag) === (tags[1] === tag))
      throw new Error(`not exactly one cluster runs ${tag}: ${tags.join(', ')}`);
    return tags[0] === tag ? [one, two] : [two, one];
  }

  async function untilSplitBy(tag: string): Promise<readonly [MemberCluster, MemberCluster]> {
    return await until(`one cluster with ${tag}`, () => splitBy(tag));
  }
});

function tagIn({ spec }: Deployment): string | undefined {
  return spec.template.spec.containers[0]?.image.split(':').at(-1);
}

function hasTag(tag: string): (found: Deployment) => boolean {
  return (found) => tagIn(found) === tag;
}

async function tagOn(member: MemberCluster): Promise<string | undefined> {
  const found = await member.read<Deployment>(checkout);
  return found && tagIn(found);
}

/** `RESOURCE/NAME` of what the agent wrote in the namespace of the checkout since the mark. */
async function writtenTo(member: MemberCluster): Promise<readonly string[]> {
  const writes = await member.agentWrites();
  return writes
    .filter(({ namespace }) => namespace === 'checkout')
    .map(({ name, resource }) => `${resource}/${name}`);
}
