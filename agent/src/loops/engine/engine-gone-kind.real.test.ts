import { describe, expect, it } from 'vitest';
import {
  assignmentRef,
  configMap,
  type EngineWorld,
  eventually,
  hold,
  never,
  removalFor,
  rowFor,
  startIn,
  untilState,
} from './engine-world-fixture.ts';
import { admin, inNamespace, plane, slow, useListedPlane, world } from './listed-plane-fixture.ts';
import {
  applied,
  definitionRef,
  deleted,
  widgetDefinition,
  widgetFile,
  widgetRef,
} from './widget-fixture.ts';

useListedPlane();

/** Whether the journal of a placement still names a Widget. */
function ownsWidget(here: EngineWorld, placement: string): boolean {
  return JSON.stringify(here.store.peek(`inventory/${placement}`) ?? '').includes('Widget');
}

function fileFor(group: string) {
  return { 'config.yaml': configMap('settings', '1'), 'w.yaml': widgetFile(group) };
}

/** Makes the definition, and waits until discovery names its kind. */
async function define(group: string): Promise<void> {
  await admin.apply(widgetDefinition(group), applied, never);
  await untilServed(group, true);
}

async function undefine(group: string): Promise<void> {
  const live = await admin.get(definitionRef(group), never);
  await admin.delete(definitionRef(group), { ...deleted, uid: live!.metadata.uid! }, never);
  await eventually(
    () => admin.get(definitionRef(group), never),
    (object) => object === undefined,
    'the end of the definition',
  );
}

async function untilServed(group: string, isServed: boolean): Promise<void> {
  await eventually(
    () => admin.discover({ fresh: true }, never),
    ({ resources }) => resources.some((one) => one.group === group) === isServed,
    `${group} ${isServed ? 'served' : 'not served'}`,
  );
}

/** A set with a Widget, Ready, and no agent running any more. */
async function settle(placement: string, group: string): Promise<EngineWorld> {
  await define(group);
  const here = world();
  await using engine = startIn(here, admin);
  await hold(here, rowFor(here, { placement, files: fileFor(group), render: { namespace: placement } }));
  await untilState(engine, placement, 'Ready', slow);
  return here;
}

describe('a removal on a real API server that owns objects of a kind that is gone', () => {
  it('ends when the definition was deleted while no agent ran', async () => {
    const here = await settle('gone', 'gone.example.org');
    await undefine('gone.example.org');
    await untilServed('gone.example.org', false);
    await hold(here, removalFor('gone'));
    await using engine = startIn(here, admin);
    await untilState(engine, 'gone', 'Removed', slow);
    expect(await admin.get(assignmentRef('gone'), never)).toBeUndefined();
  }, 60_000);

  it('ends when the definition is deleted under a running agent', async () => {
    const here = await settle('under', 'under.example.org');
    await using engine = startIn(here, admin);
    await untilState(engine, 'under', 'Ready', slow);
    await undefine('under.example.org');
    await hold(here, removalFor('under'));
    await untilState(engine, 'under', 'Removed', slow);

    // What was watched of the kind before says nothing about the kind that is defined now.
    await define('under.example.org');
    const files = fileFor('under.example.org');
    await hold(here, rowFor(here, { placement: 'again', files, render: { namespace: 'again' } }));
    await untilState(engine, 'again', 'Ready', slow);
    const live = await admin.get(inNamespace('again', widgetRef('under.example.org')), never);
    expect(live?.metadata.labels).toMatchObject({ 'flotilla.dev/assignment': 'again' });
  }, 60_000);

  it('goes on while the definition is there and serves nothing, and deletes what comes back with it', async () => {
    const group = 'hidden.example.org';
    const here = await settle('hidden', group);
    await admin.apply(widgetDefinition(group, { isServed: false }), applied, never);
    await untilServed(group, false);
    await hold(here, removalFor('hidden'));
    await using engine = startIn(here, admin, { resyncMs: 3_000 });
    const waiting = await eventually(
      () => engine.reports()[0],
      (one) => one?.state === 'Removed' || one?.text.includes('not certain that it is gone') === true,
    );
    expect(waiting).toMatchObject({ state: 'Removing', reason: 'KindNotServed' });
    expect(ownsWidget(here, 'hidden')).toBe(true);

    await define(group);
    await untilState(engine, 'hidden', 'Removed', slow);
    expect(await admin.get(inNamespace('hidden', widgetRef(group)), never)).toBeUndefined();
  }, 60_000);

  it('goes on while an aggregated API that is down has taken the group', async () => {
    const group = 'down.example.org';
    const here = await settle('down', group);
    await undefine(group);
    await untilServed(group, false);
    const path = '/apis/apiregistration.k8s.io/v1/apiservices';
    await plane.admin.json('POST', path, {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: `v1.${group}` },
      spec: {
        group,
        version: 'v1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { namespace: 'default', name: 'nobody' },
      },
    });
    await eventually(
      () => admin.discover({ fresh: true }, never),
      ({ failedGroups }) => failedGroups.some((one) => one.group === group),
      'a failed group',
    );
    await hold(here, removalFor('down'));
    await using engine = startIn(here, admin, { resyncMs: 3_000 });
    const waiting = await eventually(
      () => engine.reports()[0],
      (one) => one?.state === 'Removed' || one?.reason === 'KindNotServed',
    );
    expect(waiting?.state).toBe('Removing');
    expect(ownsWidget(here, 'down')).toBe(true);

    await plane.admin.json('DELETE', `${path}/v1.${group}`);
    await untilState(engine, 'down', 'Removed', slow);
  }, 60_000);
});
