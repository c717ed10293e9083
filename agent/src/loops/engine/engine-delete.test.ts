import type { ObjectRef } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { fieldManager } from '../../core/index.ts';
import type { KubePort } from '../../ports.ts';
import {
  assignmentRef,
  eventually,
  hold,
  never,
  openStage,
  ref,
  removalFor,
  rowFor,
  type Stage,
  startIn,
  two,
  untilState,
} from './engine-world-fixture.ts';

type Delete = Parameters<KubePort['delete']>;

/** The agent's port as it is, but for what the test does with each delete before it arrives. */
function withDeletes(port: KubePort, before: (...call: Delete) => Promise<unknown> | undefined): KubePort {
  return new Proxy(port, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== 'delete') return value.bind(target);
      return async (...call: Delete) => {
        await before(...call);
        return await target.delete(...call);
      };
    },
  });
}

const settings = ref('ConfigMap', 'settings');

/** Somebody deletes an object and makes it anew, down to our labels and field manager. */
async function makeAnew({ person }: Stage, target: ObjectRef): Promise<string> {
  const live = (await person.get(target, never))!;
  const { uid, labels, annotations } = live.metadata;
  const options = { resourceVersion: undefined, propagation: 'Background', dryRun: false } as const;
  await person.delete(target, { ...options, uid: uid! }, never);
  const { apiVersion, kind } = live;
  const metadata = {
    name: target.name,
    ...(target.namespace === undefined ? {} : { namespace: target.namespace }),
    labels: labels ?? {},
    annotations: annotations ?? {},
  };
  const made = await person.apply(
    { apiVersion, kind, metadata },
    { fieldManager, force: true, dryRun: false, fieldValidation: 'Strict' },
    never,
  );
  return made.metadata.uid!;
}

describe('a delete', () => {
  it('names uid and version of what was looked at, for members and for the parent', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    const calls: unknown[] = [];
    const looked = new Map<string, string | undefined>();
    const port = withDeletes(agent, async (target, { uid, resourceVersion }) => {
      looked.set(target.name, (await agent.get(target, never))?.metadata.uid);
      calls.push({ name: target.name, uid, hasVersion: resourceVersion !== undefined });
    });
    await using engine = startIn(world, port);
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');
    await hold(world, removalFor('shop'));
    await untilState(engine, 'shop', 'Removed');

    expect(calls).toEqual([
      { name: 'web', uid: looked.get('web'), hasVersion: true },
      { name: 'settings', uid: looked.get('settings'), hasVersion: true },
      { name: 'shop', uid: looked.get('shop'), hasVersion: false },
    ]);
    expect([...looked.values()].every((uid) => uid !== undefined)).toBe(true);
  });

  it('is not tried again on another object that bears the name by then, whatever it looks like', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    const uids: (string | undefined)[] = [];
    let after: string | undefined;
    const port = withDeletes(agent, async (target, { uid }) => {
      uids.push(uid);
      if (target.name === 'settings') after ??= await makeAnew(stage, settings);
    });
    await using engine = startIn(world, port);
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');
    const before = (await agent.get(settings, never))?.metadata.uid;

    await hold(world, rowFor(world, { files: { 'b.yaml': two['b.yaml'] } }));
    await eventually(
      () => agent.get(settings, never),
      (object) => object === undefined,
    );

    // It was planned anew, for the new object: labelled as ours and applied by us, it is a leftover, too.
    expect(uids).toEqual([before, after]);
  });

  it('leaves a parent alone that somebody made anew in the meantime', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    let after: string | undefined;
    const port = withDeletes(agent, async (target) => {
      if (target.kind === 'Assignment') after ??= await makeAnew(stage, assignmentRef('shop'));
    });
    await using engine = startIn(world, port);
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');
    await hold(world, removalFor('shop'));
    await eventually(
      () => after,
      (uid) => uid !== undefined,
    );
    expect((await agent.get(assignmentRef('shop'), never))?.metadata.uid).toBe(after);
  });
});

describe('a newer content', () => {
  it('is stored only after what was learned about the one before', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    const next = rowFor(world, { files: { 'b.yaml': two['b.yaml'] } });
    let contents = 0;
    let journal: unknown;
    world.store.beforeWrite = (key) => {
      if (key !== 'content/shop') return;
      contents += 1;
      if (contents === 2) journal = world.store.peek('inventory/shop');
    };
    // The newer row comes while the first content is applied half: the journal knows nothing of it yet.
    cluster.faults.refuse((request) => {
      if (request.resource === 'deployments' && request.verb === 'apply' && contents === 1)
        void hold(world, next);
      return undefined;
    });
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: two }));
    await eventually(
      () => engine.reports()[0],
      (one) => one?.state === 'Ready' && one.version.seq === next.version.seq,
    );

    const uid = expect.any(String);
    expect(journal).toMatchObject({
      entries: expect.arrayContaining([expect.objectContaining({ name: 'settings', uid, phase: 'applied' })]),
    });
  });
});
