import { describe, expect, it } from 'vitest';
import { fieldAt } from '../../core/index.ts';
import {
  assignmentRef,
  edit,
  eventually,
  hold,
  never,
  openStage,
  ref,
  rowFor,
  startIn,
  two,
  untilState,
  web,
  writesOf,
} from './engine-world-fixture.ts';

describe('drift', () => {
  it('is corrected with one write to one object, and named by field and manager', async () => {
    await using stage = openStage();
    const { world, agent, person, cluster } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');
    cluster.writes.clear();
    const stored = world.store.writes;

    await edit(person, web, { spec: { replicas: 5 } });
    await eventually(
      () => engine.reports()[0],
      (one) => one?.drift.corrected === 1,
    );

    expect(await agent.get(web, never)).toMatchObject({ spec: { replicas: 1 } });
    expect(engine.reports()[0]?.drift.latest).toBe(
      'Deployment shop/web: .spec.replicas changed by kubectl-edit',
    );
    expect(writesOf(cluster)).toEqual(['apply Deployment web']);
    await untilState(engine, 'shop', 'Ready');
    expect(world.store.writes).toBe(stored);
  });

  it('includes deleted objects and removed labels', async () => {
    await using stage = openStage();
    const { world, agent, person } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');

    const settings = await agent.get(ref('ConfigMap', 'settings'), never);
    await person.delete(
      ref('ConfigMap', 'settings'),
      { uid: settings!.metadata.uid!, resourceVersion: undefined, propagation: 'Background', dryRun: false },
      never,
    );
    await edit(person, web, { metadata: { labels: { 'flotilla.dev/assignment': null } } });

    await eventually(
      () => engine.reports()[0],
      (one) => one?.drift.corrected === 2 && one.state === 'Ready',
    );
    expect(await agent.get(ref('ConfigMap', 'settings'), never)).toBeDefined();
    expect((await agent.get(web, never))?.metadata.labels).toMatchObject({
      'flotilla.dev/assignment': 'shop',
    });
  });

  it('is only reported when the placement says so, and Ready stays', async () => {
    await using stage = openStage();
    const { world, agent, person, cluster } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: two, apply: { drift: 'report' } }));
    await untilState(engine, 'shop', 'Ready');
    cluster.writes.clear();

    await edit(person, web, { spec: { replicas: 2 } });
    const report = await eventually(
      () => engine.reports()[0],
      (one) => one?.drift.objects === 1 && one.drift.latest !== '',
    );

    expect(report?.drift.latest).toBe('Deployment shop/web: .spec.replicas changed by kubectl-edit');
    expect(writesOf(cluster)).toEqual([]);
    await untilState(engine, 'shop', 'Ready');
  });

  it('stops fighting a manager that keeps changing a field back, and names it', async () => {
    await using stage = openStage();
    const { world, agent, person } = stage;
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');

    for (let round = 1; round <= 6; round += 1) {
      await edit(person, web, { spec: { replicas: 1 + round } });
      await eventually(
        () => engine.reports()[0],
        (one) => (one?.drift.corrected ?? 0) >= round,
      );
    }
    await edit(person, web, { spec: { replicas: 9 } });
    const report = await eventually(
      () => engine.reports()[0],
      (one) => one?.drift.objects === 1,
    );
    expect(report?.drift.fights[0]).toContain('kubectl-edit keeps changing .spec.replicas back');
    expect(await agent.get(web, never)).toMatchObject({ spec: { replicas: 9 } });
  });
});

describe('a full resync', () => {
  it('restores the parent object that somebody deleted, and writes nothing else', async () => {
    await using stage = openStage();
    const { world, agent, person, cluster } = stage;
    await using engine = startIn(world, agent, { resyncMs: 2_000 });
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');
    const parent = await agent.get(assignmentRef('shop'), never);
    cluster.writes.clear();

    const uid = parent?.metadata.uid ?? '';
    await person.delete(
      assignmentRef('shop'),
      { uid, resourceVersion: undefined, propagation: 'Background', dryRun: false },
      never,
    );
    const restored = await eventually(
      () => agent.get(assignmentRef('shop'), never),
      (object) => object !== undefined && fieldAt(object, 'status', 'state') === 'Ready',
    );

    expect(restored?.metadata.annotations).toEqual(parent?.metadata.annotations);
    expect(writesOf(cluster)).toEqual(['create Assignment shop']);
  });

  it('asks for metadata of each kind, and for nothing more when nothing was missed', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    const asked: string[] = [];
    cluster.faults.refuse((request) => {
      if (request.user === 'agent') asked.push(`${request.verb} ${request.resource}`);
      return undefined;
    });
    await using engine = startIn(world, agent, { resyncMs: 4_000 });
    await hold(world, rowFor(world, { files: two }));
    await untilState(engine, 'shop', 'Ready');
    await eventually(
      () => asked.filter((one) => one === 'list assignments').length,
      (count) => count >= 3,
    );
    asked.length = 0;
    await eventually(
      () => asked.filter((one) => one === 'list assignments').length,
      (count) => count >= 3,
    );
    const others = asked.filter((one) => !/^(list|discover)/.test(one) && !/assignments$/.test(one));
    expect(others).toEqual([]);
    const lists = asked.filter((one) => one === 'list configmaps').length;
    expect(lists).toBeLessThanOrEqual(3);
  });
});
