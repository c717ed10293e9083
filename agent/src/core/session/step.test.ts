import { claimOf, setDigest, streamTimes } from '@flotilla/shared/model';
import { describe, expect, test } from 'vitest';
import { agentMachine, deltaOf, kindsOf, sentBy, welcomeOf } from '../../../../test/protocol/agent-driver.ts';
import { assignmentOf, helmVariantOf } from '../../../../test/protocol/fleet.ts';

const cart = assignmentOf({ placement: 'cart', seq: 10 });
const shop = assignmentOf({ placement: 'shop', seq: 20 });

describe('an agent that starts', () => {
  test('opens a stream at once under a new session number and says all that it holds', () => {
    const agent = agentMachine([cart]);

    expect(agent.next()).toEqual([{ kind: 'open', incarnation: 1, session: 1 }]);
    const [hello] = sentBy(agent.step({ kind: 'link-up', session: 1 }));

    expect(hello).toMatchObject({
      kind: 'hello',
      incarnation: 1,
      session: 1,
      epoch: 1,
      held: [claimOf(cart)],
      heldDigest: setDigest([claimOf(cart)]),
    });
  });

  test('is following once the hub says Welcome', () => {
    const agent = agentMachine();

    const outputs = agent.follow();

    expect(kindsOf(outputs)).toEqual(['welcomed']);
    expect(agent.state.phase.kind).toBe('following');
  });

  test('gives up an attempt that does not open', () => {
    const agent = agentMachine();
    agent.next();

    expect(kindsOf(agent.at(streamTimes.openWithinMs))).toContain('close');
    expect(kindsOf(agent.step({ kind: 'link-up', session: 1 }))).toEqual([]);
  });
});

describe('a delta', () => {
  test('is acknowledged only after its rows are durable, item by item', () => {
    const agent = agentMachine();
    agent.follow();
    const chart = assignmentOf({ placement: 'chart', seq: 5 }, helmVariantOf('chart'));

    const asked = agent.frame(deltaOf([cart, chart, shop]));
    const failed = {
      placement: shop.placement,
      version: shop.version,
      code: 'STORE',
      text: 'disk full',
    } as const;
    const [ack] = sentBy(agent.stored([cart], [failed]));

    expect(asked).toEqual([{ kind: 'persist', rows: [cart, shop] }]);
    expect(ack).toMatchObject({
      kind: 'ack',
      ack: {
        nonce: 1,
        accepted: [{ placement: 'cart', version: cart.version }],
        rejected: [
          { placement: 'chart', code: 'UNSUPPORTED' },
          { placement: 'shop', code: 'STORE' },
        ],
      },
    });
    expect([...agent.state.held.keys()]).toEqual(['cart']);
  });

  test('without a row to store is answered at once', () => {
    const agent = agentMachine([cart]);
    agent.follow();

    const old = assignmentOf({ placement: 'cart', seq: 9 });

    expect(sentBy(agent.frame(deltaOf([old])))).toMatchObject([{ ack: { rejected: [{ code: 'STALE' }] } }]);
  });

  test.each([
    ['a second one while one is unacknowledged', 2],
    ['the same nonce again', 1],
    ['a nonce too far', 3],
  ])('that breaks the order (%s) ends the stream', (_, nonce) => {
    const agent = agentMachine();
    agent.follow();
    agent.frame(deltaOf([cart]));
    if (nonce !== 2) agent.stored([cart]);

    expect(kindsOf(agent.frame(deltaOf([shop], { nonce })))).toEqual(['raise', 'close']);
  });

  test('of a stream that is gone still counts, but is not acknowledged on the next one', () => {
    const agent = agentMachine();
    agent.follow();
    agent.frame(deltaOf([cart]));
    agent.lose();
    agent.wait(streamTimes.backoffCapMs);

    const waiting = agent.at(agent.nowMs);
    const outputs = agent.stored([cart]);

    expect(waiting).toEqual([]);
    expect(kindsOf(outputs)).toEqual(['open']);
    expect(sentBy(agent.step({ kind: 'link-up', session: 2 }))).toMatchObject([
      { kind: 'hello', session: 2, held: [{ placement: 'cart' }] },
    ]);
  });
});

describe('before Welcome', () => {
  test.each([
    ['a Delta', deltaOf([cart])],
    ['Agreed', { kind: 'agreed', heldDigest: setDigest([]) } as const],
  ])('%s ends the stream', (_, frame) => {
    const agent = agentMachine();
    agent.connect();

    expect(kindsOf(agent.frame(frame))).toEqual(['raise', 'close']);
  });

  test('a hub that is not ours is left alone for long', () => {
    const agent = agentMachine();
    agent.connect();

    const outputs = agent.frame(welcomeOf({ hubId: 'otherhubotherhubotherhub22' as never }));

    expect(outputs).toMatchObject([{ kind: 'raise', code: 'WrongHub' }, { kind: 'close' }]);
    expect(agent.wakeAtMs).toBeGreaterThanOrEqual(agent.nowMs + 30_000);
  });

  test('heartbeats alone do not hold the agent', () => {
    const agent = agentMachine();
    agent.connect();
    const beat = {
      kind: 'heartbeat',
      desiredDigest: setDigest([]),
      reportSeq: 0,
      wantReport: false,
    } as const;
    agent.wait(30_000);
    agent.frame(beat);

    expect(kindsOf(agent.at(streamTimes.silentMs))).toContain('close');
  });

  test('NotReady makes the agent wait on the stream, and leave when nothing follows', () => {
    const agent = agentMachine();
    agent.connect();
    agent.frame({ kind: 'not-ready', retryAfterMs: 15_000, reason: 'loading' });

    expect(kindsOf(agent.at(agent.nowMs + 14_999))).not.toContain('close');
    expect(kindsOf(agent.at(agent.nowMs + 1))).toContain('close');
  });

  test('NotReady followed by Welcome keeps the stream', () => {
    const agent = agentMachine();
    agent.connect();
    agent.frame({ kind: 'not-ready', retryAfterMs: 15_000, reason: 'loading' });
    agent.frame(welcomeOf());

    expect(kindsOf(agent.at(agent.nowMs + 20_000))).not.toContain('close');
  });
});

describe('Agreed', () => {
  test('on our own digest means that we are in step', () => {
    const agent = agentMachine([cart]);
    agent.follow();

    agent.frame({ kind: 'agreed', heldDigest: setDigest([claimOf(cart)]) });

    expect(agent.state.isInStep).toBe(true);
  });

  test('on another digest makes the agent say Hello again', () => {
    const agent = agentMachine([cart]);
    agent.follow();

    expect(kindsOf(agent.frame({ kind: 'agreed', heldDigest: setDigest([]) }))).toEqual(['close']);
  });
});

test('a wake-up is never due in the past, whatever happened', () => {
  const agent = agentMachine();
  for (let turn = 0; turn < 200; turn += 1) {
    const outputs = agent.next();
    const opened = outputs.find((output) => output.kind === 'open');
    if (opened !== undefined && turn % 3 > 0) agent.step({ kind: 'link-up', session: opened.session });
    if (turn % 7 === 3) agent.frame(welcomeOf());
    if (turn % 11 === 5) agent.lose();
    expect(agent.wakeAtMs ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(agent.nowMs);
  }
});
