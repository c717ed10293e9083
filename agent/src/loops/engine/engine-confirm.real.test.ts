import { describe, expect, it } from 'vitest';
import { fieldAt } from '../../core/index.ts';
import {
  assignmentRef,
  configMap,
  type EngineWorld,
  eventually,
  hold,
  never,
  ref,
  rowFor,
  startIn,
  untilState,
} from './engine-world-fixture.ts';
import { admin, agent, inNamespace, slow, useListedPlane, world } from './listed-plane-fixture.ts';

useListedPlane();

const confirmMs = 4_000;
const gateway = inNamespace('edge', ref('ConfigMap', 'gateway'));
const open = { 'gateway.yaml': configMap('gateway', 'open') };
const shut = { 'gateway.yaml': configMap('gateway', 'shut'), 'more.yaml': configMap('more', '1') };

function rowOf(here: EngineWorld, files: Readonly<Record<string, string>>) {
  return rowFor(here, { placement: 'edge', files, render: { namespace: 'edge' }, apply: { confirmMs } });
}

/** The cluster's way out: hub and bus are heard while what is on the API server says that the gateway is open. */
function watchGateway(here: EngineWorld): AsyncDisposable {
  let heardAtMs = here.clock.nowMs();
  const closing = new AbortController();
  here.hub.heardAtMs = () => heardAtMs;
  const running = (async () => {
    while (!closing.signal.aborted) {
      const isOpen = fieldAt(await admin.get(gateway, never), 'data', 'value') !== 'shut';
      here.status.isBusUp = isOpen;
      if (isOpen) heardAtMs = here.clock.nowMs();
      await here.clock.sleep(20, never);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      closing.abort();
      await running;
    },
  };
}

describe('on a real API server, a change that cuts the link of the agent that applied it', () => {
  it('is taken back, also by an agent that died meanwhile, and the link is back', async () => {
    const here = world();
    await using _gateway = watchGateway(here);
    const change = rowOf(here, shut);
    {
      await using engine = startIn(here, agent);
      await hold(here, rowOf(here, open));
      await untilState(engine, 'edge', 'Ready', slow);
      await hold(here, change);
      await eventually(
        () => admin.get(gateway, never),
        (object) => fieldAt(object, 'data', 'value') === 'shut',
        'the cut',
      );
    }
    expect(here.store.peek('confirm/edge')).toMatchObject({ isTakenBack: false });
    here.git.isUp = false;

    await using engine = startIn(here, agent);
    const report = await untilState(engine, 'edge', 'Degraded', slow);

    expect(report).toMatchObject({ reason: 'Reverted', reverted: true, version: change.version });
    await eventually(
      () => admin.get(gateway, never),
      (object) => fieldAt(object, 'data', 'value') === 'open',
      'the variant before',
    );
    await eventually(
      () => admin.get(inNamespace('edge', ref('ConfigMap', 'more')), never),
      (object) => object === undefined,
      'the end of what came with it',
    );
    await eventually(
      () => here.status.published.at(-1)?.assignments[0],
      (one) => one?.reverted === true,
      'the hub to hear of it',
    );
    await eventually(
      () => admin.get(assignmentRef('edge'), never),
      (object) => JSON.stringify(fieldAt(object, 'status') ?? '').includes('Reverted'),
      'the object in the cluster to say so',
    );
  }, 90_000);

  it('is Ready when the link outlives it', async () => {
    const here = world();
    await using _gateway = watchGateway(here);
    await using engine = startIn(here, agent);
    const files = { 'other.yaml': configMap('other', '1') };
    const wish = { placement: 'calm', render: { namespace: 'calm' }, apply: { confirmMs } };
    await hold(here, rowFor(here, { ...wish, files }));
    await untilState(engine, 'calm', 'Ready', slow);
    const next = rowFor(here, { ...wish, files: { 'other.yaml': configMap('other', '2') } });
    await hold(here, next);
    await eventually(
      () => engine.reports()[0],
      (one) => one?.reason === 'LinkUnconfirmed',
      'the trial',
    );
    await untilState(engine, 'calm', 'Ready', slow);
    expect(here.store.peek('confirm/calm')).toBeUndefined();
  }, 60_000);
});
