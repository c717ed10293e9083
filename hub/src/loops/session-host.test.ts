import { setDigest } from '@flotilla/shared/model';
import { afterEach, describe, expect, test } from 'vitest';
import { assignmentOf } from '../../../test/protocol/fleet.ts';
import {
  greeted,
  MemoryStream,
  type RunningHub,
  startMemoryHub,
  TestWorld,
} from '../../../test/protocol/memory-hub.ts';

const cart = assignmentOf({ placement: 'cart', seq: 10 });
const shop = assignmentOf({ placement: 'shop', seq: 20 });
const running: RunningHub[] = [];

function start(world?: TestWorld, streamsPerSecond?: number): RunningHub {
  const hub = startMemoryHub(world, streamsPerSecond);
  running.push(hub);
  return hub;
}

afterEach(async () => {
  for (const hub of running.splice(0)) await hub.stop();
});

describe('what streams prove', () => {
  test('goes to the world: who the agent is, what it holds, what it refuses', async () => {
    const world = new TestWorld();
    world.rows = [cart, shop];
    const hub = start(world);
    const stream = new MemoryStream();
    await greeted(hub, stream, 1, [cart]);
    const rejected = [
      { placement: shop.placement, version: shop.version, code: 'POLICY', text: 'no' },
    ] as const;
    stream.frames.push({ kind: 'ack', ack: { nonce: 1, accepted: [], rejected } });
    await hub.clock.advance(0);

    expect(world.evidence).toMatchObject([
      { kind: 'held', rows: [{ placement: 'cart' }] },
      { kind: 'hello', agentVersion: '0.1.0', incarnation: 1, session: 1, proven: [{ placement: 'cart' }] },
      { kind: 'rejected', rows: [{ placement: 'shop', code: 'POLICY' }] },
    ]);
  });

  test('about a lost log silences the whole process, and says so', async () => {
    const world = new TestWorld();
    world.rows = [cart];
    world.foldedSeqNow = 15;
    world.logEnds = [new Error('bus away'), 15];
    const hub = start(world);
    const witness = new MemoryStream();
    await greeted(hub, witness, 1, [assignmentOf({ placement: 'cart', seq: 90 })]);

    await hub.clock.advance(2_000);

    expect(hub.sessions.logLost).toContain('ends at 15');
    expect(world.evidence).toContainEqual(expect.objectContaining({ kind: 'alarm', code: 'LogLost' }));
    expect(witness.kinds().every((kind) => kind === 'not-ready')).toBe(true);
    const other = new MemoryStream();
    await greeted(hub, other, 2);
    expect(other.kinds()).toEqual(['not-ready']);
  });

  test('in reports: while one is being published only the newest of the others waits', async () => {
    const world = new TestWorld();
    let publish: () => void = () => {};
    world.publishing = new Promise((resolve) => {
      publish = resolve;
    });
    const hub = start(world);
    const stream = new MemoryStream();
    await greeted(hub, stream);
    const facts = {
      kubernetes: '',
      nodes: 0,
      agent: '',
      isSimulated: false,
      fetchRungs: {},
      inventoryParent: '',
      more: {},
    };
    for (const seq of [1, 2, 3, 4]) {
      const report = {
        incarnation: 1,
        seq,
        heldDigest: setDigest([]),
        assignments: [],
        facts,
        madeAtMs: 0,
        trimmed: [],
      };
      stream.frames.push({ kind: 'report', report });
    }
    await hub.clock.advance(0);
    publish();
    await hub.clock.advance(0);

    expect(world.reports.map((report) => report.seq)).toEqual([1, 4]);
  });
});
