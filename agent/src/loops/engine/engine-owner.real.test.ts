import { describe, expect, it } from 'vitest';
import { deletesIn } from '../../../../test/real/control-plane/index.ts';
import {
  assignmentRef,
  configMap,
  eventually,
  hold,
  never,
  ownerOf,
  ref,
  rowFor,
  startIn,
  testConfig,
  untilState,
} from './engine-world-fixture.ts';
import {
  admin,
  agent,
  agentUser,
  inNamespace,
  plane,
  slow,
  useListedPlane,
  world,
} from './listed-plane-fixture.ts';
import { deleted } from './widget-fixture.ts';

useListedPlane();

const mark = 'flotilla.dev/owner';
const markOf = (owner: typeof testConfig.owner) => `${owner.hubId}/${owner.clusterUid}`;
const theirs = ownerOf('x', 'y');

describe('two agents with separate state on a real API server', () => {
  it('are told apart by the members of a set whose parent somebody deleted', async () => {
    const render = { namespace: 'owned' };
    const ours = world();
    const files = { 'a.yaml': configMap('settings', 'ours'), 'b.yaml': configMap('kept', 'ours') };
    {
      await using engine = startIn(ours, agent);
      await hold(ours, rowFor(ours, { placement: 'owned', files, render }));
      await untilState(engine, 'owned', 'Ready', slow);
    }
    const parent = await admin.get(assignmentRef('owned'), never);
    await admin.delete(assignmentRef('owned'), { ...deleted, uid: parent!.metadata.uid! }, never);
    const sinceMs = Date.now();

    // The other one has no journal, no parent and a placement of the same name: it would prune `kept` and change the rest.
    const other = world();
    const wanted = { 'a.yaml': configMap('settings', 'theirs'), 'n.yaml': configMap('new', 'theirs') };
    await hold(other, rowFor(other, { placement: 'owned', files: wanted, render }));
    await using second = startIn(other, agent, { owner: theirs });
    const stalled = await untilState(second, 'owned', 'Stalled', slow);
    expect(stalled).toMatchObject({
      reason: 'ParentRefused',
      text: expect.stringContaining('its parent Assignment owned is gone'),
    });
    expect(await admin.get(assignmentRef('owned'), never)).toBeUndefined();
    expect(deletesIn(await plane.audit(), { user: agentUser }).filter((one) => one.atMs >= sinceMs)).toEqual(
      [],
    );

    await using first = startIn(ours, agent);
    await untilState(first, 'owned', 'Ready', slow);
    second.reconcileNow();
    const refused = await eventually(
      () => second.reports()[0],
      (one) => one?.text.includes('Assignment owned belongs to') === true,
      'the other one to see the parent again',
      slow,
    );
    expect(refused?.state).toBe('Stalled');
    const annotations = (await admin.get(assignmentRef('owned'), never))?.metadata.annotations;
    expect(annotations?.[mark]).toBe(markOf(testConfig.owner));
    for (const name of ['settings', 'kept'])
      expect(await admin.get(inNamespace('owned', ref('ConfigMap', name)), never)).toMatchObject({
        data: { value: 'ours' },
        metadata: { annotations: { [mark]: markOf(testConfig.owner) } },
      });
    expect(await admin.get(inNamespace('owned', ref('ConfigMap', 'new')), never)).toBeUndefined();
  }, 60_000);
});
