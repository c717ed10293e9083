import { seededRandom } from '@flotilla/shared/base';
import { encodeStoredRow, parseStoredRow } from '@flotilla/shared/codec';
import { silentLogger } from '@flotilla/shared/kit';
import { manualClock } from '@flotilla/shared/kit/manual-clock';
import { setDigest } from '@flotilla/shared/model';
import { afterEach, describe, expect, test } from 'vitest';
import { MemoryLink } from '../../../test/fakes/hub-link.ts';
import { memoryStateStore } from '../../../test/fakes/state-store.ts';
import { deltaOf, welcomeOf } from '../../../test/protocol/agent-driver.ts';
import { assignmentOf, fleet } from '../../../test/protocol/fleet.ts';
import type { StateStore } from '../ports.ts';
import { openHeldRows } from './held-rows-store.ts';
import { startSession } from './session.ts';

const cart = assignmentOf({ placement: 'cart', seq: 10 });
const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function start(store: StateStore = memoryStateStore(), link = new MemoryLink()) {
  const clock = manualClock();
  const controller = new AbortController();
  const format = { encode: encodeStoredRow, parse: parseStoredRow };
  const { rows } = await openHeldRows(store, format, controller.signal);
  const session = await startSession(
    {
      link,
      rows,
      store,
      clock,
      random: seededRandom(2),
      log: silentLogger,
      hubId: fleet.hubId,
      agentVersion: '0.1.0',
      kubeSystemUid: 'kube',
      capabilities: [],
      lastReportSeq: () => 4,
    },
    controller.signal,
  );
  await clock.advance(0);
  const stop = async () => {
    controller.abort();
    await session.ended;
  };
  stops.push(stop);
  return { session, link, rows, clock, stop };
}

describe('a session', () => {
  test('remembers when the hub was last heard, also once the stream is gone', async () => {
    const { session, link, clock } = await start();
    expect(session.heardAtMs()).toBeUndefined();
    await clock.advance(3_000);
    link.last?.frames.push(welcomeOf());
    await clock.advance(0);
    const heardAtMs = session.heardAtMs();
    expect(heardAtMs).toBe(clock.nowMs());

    link.last?.hearEnd();
    await clock.advance(600_000);
    expect(session.heardAtMs()).toBe(heardAtMs);
  });

  test('makes its counters durable before it opens a stream', async () => {
    const store = memoryStateStore();
    const link = new MemoryLink();
    const atOpen: unknown[] = [];
    link.onOpen = () => atOpen.push(store.peek('counters'));

    await start(store, link);

    expect(atOpen).toEqual([{ format: 1, incarnation: 1, session: 1 }]);
  });

  test('counts its streams over restarts, and keeps its incarnation', async () => {
    const store = memoryStateStore();
    const first = await start(store);
    await first.stop();
    const { link, session } = await start(store);

    expect(link.last?.sent[0]).toMatchObject({ kind: 'hello', incarnation: 1, session: 2 });
    expect(session.incarnation()).toBe(1);
  });

  test('refuses counters of a newer program', async () => {
    const store = memoryStateStore();
    await store.write('counters', { format: 2 }, new AbortController().signal);

    await expect(start(store)).rejects.toMatchObject({ code: 'COUNTERS_FORMAT_TOO_NEW' });
  });

  test('writes nothing while no hub can be reached, however often it tries', async () => {
    const store = memoryStateStore();
    const { link, clock } = await start(store);
    let writes = 0;
    store.beforeWrite = () => {
      writes += 1;
    };
    let opens = 0;
    link.onOpen = () => {
      opens += 1;
    };
    link.failure = new Error('connection refused');
    link.last?.hearEnd();
    for (let minute = 0; minute < 30; minute += 1) await clock.advance(60_000);
    expect(opens).toBeGreaterThan(20);
    expect(writes).toBe(1);
    link.failure = undefined;
    await clock.advance(60_000);
    expect(writes).toBe(1);
    expect(link.last?.sent[0]).toMatchObject({ kind: 'hello', session: 2 });
    expect(store.peek('counters')).toMatchObject({ session: 2 });

    link.last?.hearEnd();
    await clock.advance(60_000);
    expect(link.last?.sent[0]).toMatchObject({ kind: 'hello', session: 3 });
    expect(writes).toBe(2);
  });

  test('opens no stream while its counters cannot be saved, and tries again', async () => {
    const store = memoryStateStore();
    let isFull = false;
    store.beforeWrite = () => {
      if (isFull) throw new Error('no space left on device');
    };
    const { link, clock } = await start(store);
    isFull = true;
    link.last?.hearEnd();
    await clock.advance(20_000);
    const whileFull = link.streams.length;
    isFull = false;
    await clock.advance(60_000);

    expect(whileFull).toBe(1);
    expect(link.streams.length).toBeGreaterThan(1);
  });

  test('tells an incarnation only when it is durable', async () => {
    const { session, link, clock } = await start();
    link.last?.frames.push(welcomeOf({ incarnation: 5 }));
    await clock.advance(0);
    const before = session.incarnation();
    await clock.advance(2_000);

    expect([before, session.incarnation()]).toEqual([1, 6]);
    expect(link.last?.sent[0]).toMatchObject({ incarnation: 6, session: 1 });
  });

  test('knows when it is connected, what the hub called the cluster, and what the hub has folded', async () => {
    const { session, link, clock } = await start();
    const welcomes: string[] = [];
    session.onWelcome((welcome) => welcomes.push(welcome.clusterName));
    const before = [session.isConnected(), session.welcome()];
    link.last?.frames.push(welcomeOf({ clusterLabels: { region: 'eu' } }));
    link.last?.frames.push({
      kind: 'heartbeat',
      desiredDigest: setDigest([]),
      reportSeq: 3,
      wantReport: false,
    });
    await clock.advance(0);

    expect(before).toEqual([false, undefined]);
    expect(session.isConnected()).toBe(true);
    expect(session.isInStep()).toBe(true);
    expect(session.foldedReportSeq()).toBe(3);
    expect(welcomes).toEqual(['eu-1']);
    link.last?.hearEnd();
    await clock.advance(0);
    expect(session.isConnected()).toBe(false);
    expect(session.welcome()).toMatchObject({ clusterLabels: { region: 'eu' } });
  });

  test('takes rows through the store, so that whoever reads them hears of it', async () => {
    const { link, rows, clock } = await start();
    const changed: unknown[] = [];
    rows.onChange((placements) => changed.push(placements));
    link.last?.frames.push(welcomeOf());
    link.last?.frames.push(deltaOf([cart]));
    await clock.advance(0);

    expect(rows.all()).toEqual([cart]);
    expect(changed).toEqual([['cart']]);
    expect(link.last?.sent.at(-1)).toMatchObject({ kind: 'ack', ack: { accepted: [{ placement: 'cart' }] } });
  });

  test('sends no report without a stream', async () => {
    const { session, link, clock } = await start();
    const facts = {
      kubernetes: '',
      nodes: 0,
      agent: '',
      isSimulated: false,
      fetchRungs: {},
      inventoryParent: '',
      more: {},
    };
    const report = {
      incarnation: 1,
      seq: 1,
      heldDigest: cart.variant.digest,
      assignments: [],
      facts,
      madeAtMs: 0,
      trimmed: [],
    };
    const before = session.sendReport(report);
    link.last?.frames.push(welcomeOf());
    await clock.advance(0);

    expect([before, session.sendReport(report)]).toEqual([false, true]);
    await clock.advance(0);
    expect(link.last?.sent.at(-1)).toEqual({ kind: 'report', report });
  });

  test('reconnects when opening fails, with the delay that the hub gave', async () => {
    const { link, clock } = await start();
    link.failure = Object.assign(new Error('too many agents'), { retryAfterMs: 9_000 });
    link.last?.hearEnd();
    await clock.advance(1_000);
    link.failure = undefined;
    await clock.advance(8_000);
    const early = link.streams.length;
    await clock.advance(2_000);

    expect([early, link.streams.length]).toEqual([1, 2]);
  });

  test('leaves when it is stopped', async () => {
    const { link, clock, stop } = await start();
    link.last?.frames.push(welcomeOf());
    await clock.advance(0);

    await stop();

    expect(link.last?.isClosed).toBe(true);
    expect(link.streams).toHaveLength(1);
  });
});
