import { describe, expect, it } from 'vitest';
import type { SimulatedCluster } from '../../io/kube-simulated/index.ts';
import {
  assignmentRef,
  configMap,
  edit,
  eventually,
  hold,
  never,
  openStage,
  ref,
  removalFor,
  rowFor,
  type Stage,
  startIn,
  untilState,
  writesOf,
} from './engine-world-fixture.ts';

const secret = (name: string) =>
  `apiVersion: v1\nkind: Secret\nmetadata: {name: ${name}}\ndata: {value: aGVsbG8=}\n`;
const settings = { 'a.yaml': configMap('settings', '1') };
const withSecret = { ...settings, 'key.yaml': secret('key') };
const kindsAnnotation = 'applyset.kubernetes.io/contains-group-kinds';

const refusal = (code: number, reason: string) => ({
  code,
  reason,
  message: 'secrets cannot be read',
  causes: [],
  name: undefined,
  retryAfterMs: undefined,
});

/** Secrets cannot be read until the returned function is called. */
function hideSecrets(cluster: SimulatedCluster): () => void {
  return cluster.faults.refuse((request) =>
    request.user === 'agent' &&
    request.resource === 'secrets' &&
    ['get', 'list', 'watch'].includes(request.verb)
      ? refusal(503, 'ServiceUnavailable')
      : undefined,
  );
}

/** A first apply whose process dies before its first journal write: parent and members live, the journal does not exist. */
async function crashBeforeJournal({ world, agent }: Stage): Promise<void> {
  world.store.beforeWrite = (key) => {
    if (key.startsWith('inventory/')) throw new Error('the process is dying');
  };
  {
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: withSecret }));
    await eventually(
      () => engine.reports()[0],
      (one) => one?.reason === 'StoreFailed',
    );
  }
  world.store.beforeWrite = undefined;
  expect(world.store.peek('inventory/shop')).toBeUndefined();
  expect(await agent.get(ref('Secret', 'key'), never)).toBeDefined();
}

async function kindsOfParent({ agent }: Stage): Promise<string | undefined> {
  return (await agent.get(assignmentRef('shop'), never))?.metadata.annotations?.[kindsAnnotation];
}

describe('members that cannot be read after a crash', () => {
  it('keep a removal going, which names their kind, until they can be read and are gone', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    await crashBeforeJournal(stage);
    const show = hideSecrets(cluster);
    await hold(world, removalFor('shop'));

    await using engine = startIn(world, agent);
    const waiting = await eventually(
      () => engine.reports()[0],
      (one) => one?.state === 'Removed' || one?.text.includes('kind Secret cannot be read') === true,
    );
    expect(waiting).toMatchObject({ state: 'Removing', reason: 'ApiUnavailable' });
    expect(await agent.get(assignmentRef('shop'), never)).toBeDefined();

    show();
    await untilState(engine, 'shop', 'Removed');
    expect(await agent.get(ref('Secret', 'key'), never)).toBeUndefined();
    expect(await agent.get(assignmentRef('shop'), never)).toBeUndefined();
  });

  it('keep a content from being Ready and the parent from forgetting them', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    await crashBeforeJournal(stage);
    const show = hideSecrets(cluster);
    await hold(world, rowFor(world, { files: settings }));

    await using engine = startIn(world, agent);
    const waiting = await eventually(
      () => engine.reports()[0],
      (one) => one?.state === 'Ready' || one?.text.includes('kind Secret cannot be read') === true,
    );
    expect(waiting).toMatchObject({ state: 'Progressing', phase: 'pruning', reason: 'ApiUnavailable' });
    expect(await kindsOfParent(stage)).toBe('ConfigMap,Secret');

    show();
    await untilState(engine, 'shop', 'Ready');
    expect(await agent.get(ref('Secret', 'key'), never)).toBeUndefined();
    expect(await kindsOfParent(stage)).toBe('ConfigMap');
  });

  it.each(['content', 'removal'])(
    'are not waited for when the cluster does not serve their kind (%s)',
    async (goal) => {
      await using stage = openStage();
      const { world, agent, person } = stage;
      await crashBeforeJournal(stage);
      await edit(person, assignmentRef('shop'), {
        metadata: { annotations: { [kindsAnnotation]: 'ConfigMap,Secret,Widget.example.org' } },
      });
      await hold(world, goal === 'removal' ? removalFor('shop') : rowFor(world, { files: settings }));

      await using engine = startIn(world, agent);
      await untilState(engine, 'shop', goal === 'removal' ? 'Removed' : 'Ready');
      expect(await kindsOfParent(stage)).toBe(goal === 'removal' ? undefined : 'ConfigMap');
    },
  );
});

describe('a kind that may be read in some namespaces only', () => {
  it('holds nothing up where it may not', async () => {
    await using stage = openStage();
    const { world, agent, person, cluster } = stage;
    const other = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } };
    await person.create(other, { fieldManager: 'kubectl', dryRun: false }, never);
    cluster.faults.refuse((request) =>
      request.user === 'agent' && request.resource === 'secrets' && request.namespace !== 'shop'
        ? refusal(403, 'Forbidden')
        : undefined,
    );
    const elsewhere = configMap('settings', '1').replace(
      '{name: settings}',
      '{name: settings, namespace: other}',
    );
    await using engine = startIn(world, agent);
    await hold(world, rowFor(world, { files: { 'a.yaml': elsewhere, 'key.yaml': secret('key') } }));
    await untilState(engine, 'shop', 'Ready');
    expect(await kindsOfParent(stage)).toBe('ConfigMap,Secret');

    await hold(world, rowFor(world, { files: { 'a.yaml': elsewhere } }));
    await eventually(
      () => kindsOfParent(stage),
      (kinds) => kinds === 'ConfigMap',
    );
    await untilState(engine, 'shop', 'Ready');
  });
});

describe('leftovers that cannot be read', () => {
  it('count for the budget: nothing goes until all of the list is permitted', async () => {
    await using stage = openStage();
    const { world, agent, cluster } = stage;
    const numbers = Array.from({ length: 15 }, (_, index) => index);
    const many = Object.fromEntries([
      ...numbers.map((number) => [`c${number}.yaml`, configMap(`c${number}`, 'x')] as const),
      ...numbers.map((number) => [`s${number}.yaml`, secret(`s${number}`)] as const),
    ]);
    {
      await using engine = startIn(world, agent);
      await hold(world, rowFor(world, { files: { ...settings, ...many } }));
      await untilState(engine, 'shop', 'Ready');
    }
    const deletes = () => writesOf(cluster).filter((write) => write.startsWith('delete'));
    const show = hideSecrets(cluster);
    const smaller = { files: settings, prune: { maxObjects: 20, maxPercent: 100 } };
    await hold(world, rowFor(world, smaller));

    await using engine = startIn(world, agent);
    const held = await untilState(engine, 'shop', 'Stalled');
    expect(held).toMatchObject({ reason: 'PruneHeld', heldPrune: { total: 30 } });
    expect(held.text).toContain('15 of them cannot be read now');

    show();
    const readable = await eventually(
      () => engine.reports()[0],
      (one) => one?.state === 'Ready' || one?.text.includes('30 objects would be deleted') === true,
    );
    expect(readable).toMatchObject({ state: 'Stalled', heldPrune: { listHash: held.heldPrune?.listHash } });
    expect(deletes()).toEqual([]);

    await hold(world, rowFor(world, { ...smaller, permittedPrune: held.heldPrune!.listHash }));
    await untilState(engine, 'shop', 'Ready');
    expect(deletes()).toHaveLength(30);
  });
});
