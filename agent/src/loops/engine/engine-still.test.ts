import { describe, expect, it } from 'vitest';
import {
  edit,
  eventually,
  hold,
  openStage,
  ref,
  rowFor,
  startIn,
  untilState,
  writesOf,
} from './engine-world-fixture.ts';
import { addForeignFields, aggregatedRoles, stillFiles } from './still-fixture.ts';

/** Two full comparisons with the server, seen from its side. */
async function twoResyncs({ cluster }: ReturnType<typeof openStage>): Promise<void> {
  let lists = 0;
  const stop = cluster.faults.refuse((request) => {
    if (request.user === 'agent' && request.verb === 'list' && request.resource === 'configmaps') lists += 1;
    return undefined;
  });
  await eventually(
    () => lists,
    (count) => count >= 2,
    'two resyncs',
  );
  stop();
}

describe('what others write differently is no drift', () => {
  it.each(['correct', 'report'] as const)(
    'in mode %s: defaults, quantities, lists, additions',
    async (drift) => {
      await using stage = openStage();
      const { world, agent, person, cluster } = stage;
      await using engine = startIn(world, agent, { resyncMs: 3_000 });
      await hold(world, rowFor(world, { files: stillFiles, apply: { drift } }));
      await untilState(engine, 'shop', 'Ready');
      await addForeignFields(person, 'shop');
      cluster.writes.clear();

      await twoResyncs(stage);

      expect(writesOf(cluster)).toEqual([]);
      expect(engine.reports()[0]?.drift).toMatchObject({ objects: 0, corrected: 0 });
    },
  );

  it('rules that a controller put into an aggregated role stay', async () => {
    await using stage = openStage();
    const { world, agent, person, cluster } = stage;
    await using engine = startIn(world, agent, { resyncMs: 3_000 });
    await hold(world, rowFor(world, { files: { ...stillFiles, 'roles.yaml': aggregatedRoles('things') } }));
    await untilState(engine, 'shop', 'Ready');
    const role = { ...ref('ClusterRole', 'things', 'rbac.authorization.k8s.io'), namespace: undefined };
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }];
    await edit(person, role, { rules });
    cluster.writes.clear();

    await twoResyncs(stage);

    expect(writesOf(cluster)).toEqual([]);
    expect(await person.get(role, new AbortController().signal)).toMatchObject({ rules });
  });
});
