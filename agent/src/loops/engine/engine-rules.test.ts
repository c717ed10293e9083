import { describe, expect, it } from 'vitest';
import {
  configMap,
  deployment,
  edit,
  eventually,
  hold,
  never,
  openStage,
  ref,
  removalFor,
  rowFor,
  startIn,
  two,
  untilState,
  web,
} from './engine-world-fixture.ts';

describe('rights and rules', () => {
  const forbid = (message: string) => ({
    code: 403,
    reason: 'Forbidden',
    message,
    causes: [],
    name: undefined,
    retryAfterMs: undefined,
  });

  it('uses a ConfigMap as parent where the definition may not be made', async () => {
    await using stage = openStage();
    const { world, agent, cluster, person } = stage;
    await person.create(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flotilla-system' } },
      { fieldManager: 'install', dryRun: false },
      never,
    );
    cluster.faults.refuse((request) =>
      request.user === 'agent' && request.verb === 'apply' && request.resource === 'customresourcedefinitions'
        ? forbid('no')
        : undefined,
    );
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');
    expect(engine.facts().inventoryParent).toBe('ConfigMap');
    const parent = await agent.get(
      { ...ref('ConfigMap', 'flotilla-assignment-shop'), namespace: 'flotilla-system' },
      never,
    );
    expect(parent?.metadata.annotations).toMatchObject({
      'applyset.kubernetes.io/contains-group-kinds': 'ConfigMap,Deployment.apps',
    });
  });

  it('watches namespace by namespace where it may not watch everything', async () => {
    await using stage = openStage();
    const { world, agent, cluster, person } = stage;
    cluster.faults.refuse((request) =>
      request.user === 'agent' &&
      ['list', 'watch'].includes(request.verb) &&
      request.namespace === undefined &&
      ['configmaps', 'deployments'].includes(request.resource)
        ? forbid(`may not ${request.verb} ${request.resource} everywhere`)
        : undefined,
    );
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');
    await edit(person, web, { spec: { replicas: 4 } });
    await eventually(
      () => engine.reports()[0],
      (one) => one?.drift.corrected === 1,
    );
  });

  it('applies nothing of an atomic set while one object is refused, and names all that are', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    await using engine = startIn(world, agent);
    const files = {
      ...two,
      'c.yaml': `${configMap('bad', '1')}oops: 1\n`,
      'd.yaml': `${configMap('worse', '1')}alas: 1\n`,
    };
    await hold(world, rowFor(world, { files, apply: { mode: 'atomic' } }));

    const stalled = await untilState(engine, 'shop', 'Stalled');
    expect(stalled.failing.map((one) => one.name).sort()).toEqual(['bad', 'worse']);
    expect(stalled.counts.applied).toBe(0);
    const applied = cluster.writes
      .entries()
      .filter((one) => one.user === 'agent' && one.verb === 'apply')
      .map((one) => one.ref.kind);
    expect(applied).not.toContain('ConfigMap');
    expect(applied).not.toContain('Deployment');
  });

  it('keeps the value of a field that is left to others from now on', async () => {
    await using stage = openStage();
    const { world, agent } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: { 'b.yaml': deployment('web', 'web:1', 3) } }));
    await untilState(engine, 'shop', 'Ready');
    const ignore = [{ target: { kind: 'Deployment' }, pointers: ['/spec/replicas'] }];
    const next = rowFor(world, { files: { 'b.yaml': deployment('web', 'web:2', 1) }, apply: { ignore } });
    await hold(world, next);
    await eventually(
      () => engine.reports()[0],
      (one) => one?.state === 'Ready' && one.appliedVariantDigest === next.variant.digest,
    );
    expect(await agent.get(web, never)).toMatchObject({ spec: { replicas: 3 } });
  });

  it('takes over the objects of the assignment it replaces before that one is removed', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { placement: 'old-shop', files: two }));
    await untilState(engine, 'old-shop', 'Ready');
    const uid = (await agent.get(web, never))?.metadata.uid;
    const heir = rowFor(world, {
      placement: 'shop',
      files: two,
      apply: { takeOverFrom: 'old-shop' as typeof heir.placement },
    });
    await hold(world, removalFor('old-shop'), heir);
    await untilState(engine, 'shop', 'Ready');
    await untilState(engine, 'old-shop', 'Removed');
    expect((await agent.get(web, never))?.metadata).toMatchObject({
      uid,
      labels: { 'flotilla.dev/assignment': 'shop' },
    });
    expect(
      cluster.writes
        .entries()
        .filter((one) => one.verb === 'delete')
        .map((one) => one.ref.kind),
    ).toEqual(['Assignment']);
  });

  it('keeps the objects of a removed assignment while the one that takes over cannot be rendered', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { placement: 'old-shop', files: two }));
    await untilState(engine, 'old-shop', 'Ready');
    world.git.isUp = false;
    const heir = rowFor(world, {
      files: two,
      apply: { takeOverFrom: 'old-shop' as typeof heir.placement },
    });
    await hold(world, removalFor('old-shop'), heir);
    await eventually(
      () => engine.reports().find((one) => one.placement === 'old-shop'),
      (one) => one?.reason === 'WaitingForTakeOver',
    );
    world.git.isUp = true;
    engine.reconcileNow();
    await untilState(engine, 'shop', 'Ready');
    await untilState(engine, 'old-shop', 'Removed');
    expect(cluster.writes.entries().filter((one) => one.verb === 'delete')).toHaveLength(1);
  });

  it('does not delete an object that another took over in the moment of its delete', async () => {
    await using stage = openStage();
    const { world, agent, person, cluster } = stage;
    const racing: typeof agent = Object.create(agent, {
      delete: {
        value: async (...call: Parameters<typeof agent.delete>) => {
          const [target] = call;
          if (target.kind === 'Deployment')
            await edit(person, target, { metadata: { labels: { 'flotilla.dev/assignment': 'theirs' } } });
          return await agent.delete(...call);
        },
      },
    });
    for (const name of [
      'list',
      'get',
      'watch',
      'apply',
      'create',
      'mergePatch',
      'discover',
      'serverVersion',
      'close',
    ] as const)
      Object.defineProperty(racing, name, { value: agent[name].bind(agent) });
    await using engine = startIn(world, racing);
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');
    const smaller = rowFor(world, { files: { 'a.yaml': two['a.yaml'] } });
    await hold(world, smaller);
    await eventually(
      () => engine.reports()[0],
      (one) => one?.state === 'Ready' && one.version.seq === smaller.version.seq,
    );
    expect(await agent.get(web, never)).toBeDefined();
    expect(cluster.writes.entries().filter((one) => one.verb === 'delete')).toEqual([]);
  });

  it('reports what carries its labels without having been applied by it, and never deletes it', async () => {
    await using stage = openStage();
    const { world, agent, person } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');
    const member = await agent.get(ref('ConfigMap', 'settings'), never);
    const { labels } = member?.metadata ?? {};
    await person.create(
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'copy', namespace: 'shop', labels: labels ?? {} },
      },
      { fieldManager: 'kubectl', dryRun: false },
      never,
    );
    await eventually(
      () => engine.facts().more['orphans'],
      (text) => text === 'ConfigMap shop/copy (shop)',
    );
    await hold(world, removalFor('shop'));
    await untilState(engine, 'shop', 'Removed');
    expect(await agent.get(ref('ConfigMap', 'copy'), never)).toBeDefined();
  });
});
