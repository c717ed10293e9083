import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitOf, screenOf } from './world/command-line.ts';
import { untilAllReady } from './world/expect.ts';
import { until } from './world/until.ts';
import { World } from './world/world.ts';

const header = 'apiVersion: flotilla.dev/v1alpha1\n';

/** Its canary is done only when the handover, which is not ours, names the release. */
const rules = `${header}kind: Placement
metadata: {name: notice}
spec:
  source: {path: apps/notice}
  namespace: notice
  createNamespace: true
  clusters: {names: [eu-1, us-1]}
  rollout: {strategy: handed-over}
---
${header}kind: RolloutStrategy
metadata: {name: handed-over}
spec:
  stages:
  - {name: canary, canary: 1, soak: 1s, checks: [handover]}
  - {name: rest, remaining: true, soak: 1s}
  defaults: {deadline: 10m}
`;

/** A release, and the check that goes with it. */
const release = (number: number) => ({
  'apps/notice/notice.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: notice}\ndata: {release: "${number}"}\n`,
  'fleet/handover.yaml': `${header}kind: Check
metadata: {name: handover}
spec:
  cel: {kind: ConfigMap, name: handover, namespace: operations, expression: "object.data.release == '${number}'"}
  timeout: 10m
`,
});

/** Denies changes for an hour from the minute that began before this moment. */
function closedNow(): string {
  const now = new Date();
  const cron = `${now.getUTCMinutes()} ${now.getUTCHours()} ${now.getUTCDate()} ${now.getUTCMonth() + 1} *`;
  return `${header}kind: ChangeWindow
metadata: {name: freeze}
spec: {mode: deny, schedule: {cron: "${cron}", duration: 1h}, exempt: [urgent]}
`;
}

describe('a check, a change window and an urgent rollout on two real clusters', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({
      clusters: [
        { name: 'eu-1', labels: { team: 'notice', 'flotilla.dev/canary': 'true' } },
        { name: 'us-1', labels: { team: 'notice' } },
      ],
      hubSettings: { 'poll-interval': '1s' },
    });
    // One that joins later would come to the first release as a joiner, by another way.
    await until('both clusters in the fleet', async () => {
      const items = await world.control.get('clusters');
      return items.filter(({ status }) => status.freshness.isFresh).length === 2 ? items : undefined;
    });
    await eu().plane.admin.json('POST', '/api/v1/namespaces', { metadata: { name: 'operations' } });
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
  });

  it('the canary is Ready once an object of somebody else says so, and nobody begins before', async () => {
    const commit = await push({ 'fleet/notice.yaml': rules, ...release(1) });
    expect(await untilWhy('eu-1', 'Progressing', 'CheckWaiting')).toContain(
      'check handover: ConfigMap operations/handover: does not exist',
    );
    await untilWhy('us-1', 'Pending', 'WaitingForWave');
    expect(await releases()).toEqual(['1', undefined]);

    const metadata = { name: 'handover', namespace: 'operations' };
    const handover = { metadata, data: { release: '1' } };
    await eu().plane.admin.json('POST', '/api/v1/namespaces/operations/configmaps', handover);
    await untilEverywhere(commit);
    expect(await releases()).toEqual(['1', '1']);
  });

  it('nothing begins while the window is closed; once it is gone, the check is what holds', async () => {
    const commit = await push({ 'fleet/window.yaml': closedNow(), ...release(2) });
    expect(await untilWhy('eu-1', 'Pending', 'WindowClosed')).toMatch(/change window freeze, opens .* UTC/);
    await untilWhy('us-1', 'Pending', 'WaitingForWave');
    expect(await releases()).toEqual(['1', '1']);

    await push({ 'fleet/window.yaml': null });
    await untilWhy('eu-1', 'Progressing', 'CheckWaiting');
    await untilWhy('us-1', 'Pending', 'WaitingForWave');
    expect(await releases()).toEqual(['2', '1']);

    await handOver(2);
    await untilEverywhere(commit);
    expect(await releases()).toEqual(['2', '2']);
  });

  it('what is urgent passes the window that exempts it, with a reason, but no check and no canary', async () => {
    const commit = await push({ 'fleet/window.yaml': closedNow(), ...release(3) });
    await untilWhy('eu-1', 'Pending', 'WindowClosed');
    const noReason = await exitOf(world, 'rollout', 'urgent', 'notice');
    expect(noReason).toMatchObject({ code: 3, stderr: expect.stringContaining('reason') });
    expect(await releases()).toEqual(['2', '2']);

    const urgent = ['rollout', 'urgent', 'notice', '--reason', 'the certificate runs out'];
    expect(await exitOf(world, ...urgent)).toMatchObject({ code: 0 });
    await untilWhy('eu-1', 'Progressing', 'CheckWaiting');
    await untilWhy('us-1', 'Pending', 'WaitingForWave');
    expect(await releases()).toEqual(['3', '2']);

    await handOver(3);
    await untilEverywhere(commit);
    expect(await releases()).toEqual(['3', '3']);
    // It was urgent for that release alone.
    await push(release(4));
    expect(await untilWhy('eu-1', 'Pending', 'WindowClosed')).toContain('freeze');
    expect(await releases()).toEqual(['3', '3']);
  });

  const eu = () => world.member('eu-1');

  async function push(files: Parameters<World['control']['workshop']['push']>[0]): Promise<string> {
    return await world.control.workshop.push(files, 'Notice: a change');
  }

  /** Somebody else agrees to a release. */
  async function handOver(number: number): Promise<void> {
    const path = '/api/v1/namespaces/operations/configmaps/handover';
    await eu().edit(path, { data: { release: String(number) } });
  }

  /** Which release each cluster has, the canary's first. */
  async function releases(): Promise<readonly (string | undefined)[]> {
    const path = '/api/v1/namespaces/notice/configmaps/notice';
    const found = await Promise.all(
      world.members.map((one) => one.read<{ data: { release: string } }>(path)),
    );
    return found.map((one) => one?.data.release);
  }

  async function untilEverywhere(commit: string): Promise<void> {
    await untilAllReady(
      world,
      (items) =>
        items.size === 2 && [...items.values()].every(({ status }) => status.appliedCommit === commit),
    );
    for (const { name } of world.members)
      expect((await world.control.client.explain(name, 'notice')).reason).toBeUndefined();
  }

  /** Waits until the notice stands so on a cluster; the one reason that `flotilla why` shows of it. */
  async function untilWhy(cluster: string, state: string, code: string): Promise<string> {
    let last = '';
    await until(`${cluster} ${state} ${code}`, async () => {
      const explained = await world.control.client.explain(cluster, 'notice');
      last = `${explained.state} ${explained.reason?.code}: ${explained.reason?.text}`;
      return explained.state === state && explained.reason?.code === code ? true : undefined;
    }).catch((error: Error) => {
      throw new Error(`${error.message}; last: ${last}`);
    });
    const { lines } = await screenOf(world, 'why', cluster, 'notice');
    expect(lines.filter((line) => line.startsWith('State'))).toEqual([expect.stringContaining(state)]);
    const reasons = lines.filter((line) => line.startsWith('Why'));
    expect(reasons).toEqual([expect.stringContaining(`${code}: `)]);
    return reasons[0] ?? '';
  }
});
