import { claimOf, setDigest, streamTimes } from '@flotilla/shared/model';
import { describe, expect, test } from 'vitest';
import { assignmentOf, fleet, forged, removalOf, variantOf } from '../../../../test/protocol/fleet.ts';
import { cart, framesOf, helloOf, hubStream, shop, viewOf } from '../../../../test/protocol/hub-driver.ts';
import type { KnownStream } from './fence.ts';
import type { HubView } from './state.ts';

describe('an agent that says Hello', () => {
  test('and holds what is wanted gets Welcome and Agreed with its own digest', () => {
    const hub = hubStream(viewOf({ desired: [cart, shop] }));

    const frames = framesOf(hub.hello(helloOf([cart, shop])));

    expect(frames).toMatchObject([
      { kind: 'welcome', protocolVersion: 1, hubId: fleet.hubId, clusterName: 'eu-1', incarnation: 1 },
      { kind: 'agreed', heldDigest: setDigest([cart, shop].map(claimOf)) },
    ]);
  });

  test('gets only what differs, removals with their cause, complete on the last delta', () => {
    const gone = removalOf({ placement: 'gone', seq: 30 });
    const newer = assignmentOf({ placement: 'shop', seq: 40 }, variantOf('new tree'));
    const old = assignmentOf({ placement: 'gone', seq: 5 });
    const hub = hubStream(viewOf({ desired: [cart, gone, newer] }));

    const frames = framesOf(hub.hello(helloOf([cart, shop, old])));

    expect(frames[1]).toEqual({
      kind: 'delta',
      delta: { nonce: 1, upserts: [newer], removals: [gone], malformed: [], isComplete: true },
    });
  });

  test('and holds what nobody wants loses nothing; a person is told', () => {
    const hub = hubStream(viewOf({ desired: [cart] }));

    const outputs = hub.hello(helloOf([cart, shop]));

    expect(framesOf(outputs).map((frame) => frame.kind)).toEqual(['welcome', 'agreed']);
    expect(outputs).toContainEqual(expect.objectContaining({ kind: 'raise', code: 'RowUnknown' }));
  });

  test('that speaks no common version is refused with both sides named', () => {
    const hub = hubStream(viewOf());

    expect(framesOf(hub.hello(helloOf([], { protocolVersions: [3, 2] })))).toEqual([
      { kind: 'refused', code: 'VERSION', text: 'this hub speaks 1; the agent offers 3, 2', retryAfterMs: 0 },
    ]);
    expect(hub.state.phase.kind).toBe('closed');
  });

  test('that is not registered is refused', () => {
    const hub = hubStream(viewOf({ cluster: undefined }));

    expect(framesOf(hub.hello(helloOf()))).toMatchObject([{ kind: 'refused', code: 'NOT_REGISTERED' }]);
  });

  test.each([
    ['a wrong digest', { heldDigest: setDigest([claimOf(cart)]) }],
    [
      'a placement twice',
      { held: [claimOf(cart), claimOf(cart)], heldDigest: setDigest([claimOf(cart), claimOf(cart)]) },
    ],
    [
      'a removal with a variant',
      { held: [{ ...claimOf(cart), isRemoved: true }], heldDigest: setDigest([claimOf(cart)]) },
    ],
  ])('that contradicts itself by %s is refused', (_, change) => {
    const hub = hubStream(viewOf());

    expect(framesOf(hub.hello(helloOf([], change)))).toMatchObject([{ kind: 'refused', code: 'PROTOCOL' }]);
  });

  test('late is refused, and silence before it too', () => {
    const hub = hubStream(viewOf());

    expect(framesOf(hub.at(streamTimes.helloWithinMs))).toMatchObject([
      { kind: 'refused', code: 'PROTOCOL' },
    ]);
  });

  test('a second time is refused', () => {
    const hub = hubStream(viewOf());
    hub.hello(helloOf());

    expect(framesOf(hub.hello(helloOf([], { session: 2 })))).toMatchObject([
      { kind: 'refused', code: 'PROTOCOL' },
    ]);
  });
});

describe('fencing', () => {
  const known: KnownStream = { incarnation: 5, session: 9, isLive: true };

  test.each([
    [{ incarnation: 4, session: 99 }],
    [{ incarnation: 5, session: 9 }],
    [{ incarnation: 5, session: 8 }],
  ])('turns the older stream %j away while the newer one lives, without telling it how to win', (older) => {
    const hub = hubStream(viewOf());

    expect(framesOf(hub.hello(helloOf([], older), known))).toMatchObject([
      { kind: 'refused', code: 'FENCED' },
    ]);
  });

  test('tells an agent whose store went back which incarnation is known, then turns it away', () => {
    const hub = hubStream(viewOf());

    expect(framesOf(hub.hello(helloOf(), { ...known, isLive: false }))).toMatchObject([
      { kind: 'welcome', incarnation: 5 },
      { kind: 'refused', code: 'FENCED' },
    ]);
  });

  test('turns an agent away whose reports would be older than one that is folded later', () => {
    const hub = hubStream(viewOf({ readiness: { kind: 'not-ready', reason: 'loading' } }));
    hub.hello(helloOf());

    const frames = framesOf(hub.world({ readiness: { kind: 'ready' }, report: { incarnation: 3, seq: 1 } }));

    expect(frames).toMatchObject([
      { kind: 'welcome', incarnation: 3 },
      { kind: 'refused', code: 'FENCED' },
    ]);
  });

  test('a replaced stream is told so and closed', () => {
    const hub = hubStream(viewOf());
    hub.hello(helloOf());

    const outputs = hub.step({ kind: 'replaced' });

    expect(framesOf(outputs)).toMatchObject([{ kind: 'refused', code: 'REPLACED' }]);
    expect(outputs.at(-1)).toMatchObject({ kind: 'close' });
  });
});

describe('claims', () => {
  test('without our MAC are ignored and counted: they neither freeze nor rewind', () => {
    const invented = forged(assignmentOf({ placement: 'cart', seq: 9_999 }));
    const hub = hubStream(viewOf({ desired: [cart] }));

    const outputs = hub.hello(helloOf([invented]));

    expect(outputs).toContainEqual({ kind: 'claims-ignored', count: 1 });
    expect(framesOf(outputs)[1]).toMatchObject({ kind: 'delta', delta: { upserts: [cart] } });
  });

  test('newer than what is folded hush the hub until it has folded them', () => {
    const hub = hubStream(viewOf({ foldedSeq: 15, desired: [cart] }));

    const outputs = hub.hello(helloOf([shop]));

    expect(framesOf(outputs)).toMatchObject([
      { kind: 'not-ready', retryAfterMs: streamTimes.notReadyRetryMs },
    ]);
    expect(outputs.at(-2)).toEqual({ kind: 'read-log-end' });
    expect(hub.step({ kind: 'log-end', seq: 25 })).toEqual([]);
    expect(framesOf(hub.world({ foldedSeq: 25, desired: [cart, shop] }))).toMatchObject([
      { kind: 'welcome' },
      { kind: 'delta', delta: { upserts: [cart] } },
    ]);
  });

  test('beyond the end of the log prove that it was shortened: one alarm, and not a row is sent', () => {
    const hub = hubStream(viewOf({ foldedSeq: 15, desired: [cart] }));
    hub.hello(helloOf([shop]));

    const outputs = hub.step({ kind: 'log-end', seq: 15 });

    expect(outputs).toMatchObject([
      { kind: 'raise', code: 'LogLost' },
      { kind: 'send', frame: { kind: 'not-ready' } },
    ]);
    expect(framesOf(hub.run(35_000)).every((frame) => frame.kind === 'not-ready')).toBe(true);
  });

  test.each([
    ['another decision at its version', assignmentOf({ placement: 'cart', seq: 10, decision: 'forked' })],
    ['a decision that the log went past without', assignmentOf({ placement: 'cart', seq: 50 })],
    ['a newer epoch than the log has', assignmentOf({ placement: 'cart', seq: 50, epoch: 2 })],
  ])('of %s prove a forked log', (_, claim) => {
    const hub = hubStream(viewOf({ desired: [cart] }));

    const outputs = hub.hello(helloOf([claim]));

    expect(outputs).toContainEqual(expect.objectContaining({ kind: 'raise', code: 'LogLost' }));
    expect(framesOf(outputs).map((frame) => frame.kind)).toEqual(['not-ready']);
  });

  test.each([
    ['a newer row', [assignmentOf({ placement: 'cart', seq: 80 })]],
    ['no row of it', []],
  ])(
    'of another decision than stands at their sequence prove a loss, though the log grew past it and has %s',
    (_, desired) => {
      const claim = assignmentOf({ placement: 'cart', seq: 50, decision: 'lost' });
      const isLogged: HubView['isLogged'] = (_seq, hash) => hash !== claim.proof.eventHash;

      const outputs = hubStream(viewOf({ desired, isLogged })).hello(helloOf([claim]));

      expect(outputs).toContainEqual({
        kind: 'raise',
        code: 'LogLost',
        epoch: 1,
        text: 'row cart 1.50: the log holds another decision at this sequence',
      });
      expect(framesOf(outputs).map((frame) => frame.kind)).toEqual(['not-ready']);
    },
  );

  test('of an event that the log has, or that nobody remembers, are fine and get the newer row', () => {
    const newer = assignmentOf({ placement: 'cart', seq: 80 });
    for (const known of [true, undefined]) {
      const hub = hubStream(viewOf({ desired: [newer], isLogged: () => known }));

      const frames = framesOf(hub.hello(helloOf([assignmentOf({ placement: 'cart', seq: 50 })])));

      expect(frames).toMatchObject([{ kind: 'welcome' }, { kind: 'delta', delta: { upserts: [newer] } }]);
    }
  });

  test('of an older epoch are replaced by the rows of the new one', () => {
    const adopted = assignmentOf({ placement: 'cart', seq: 12, epoch: 2 });
    const hub = hubStream(viewOf({ epoch: 2, foldedSeq: 12, desired: [adopted] }));

    const frames = framesOf(hub.hello(helloOf([assignmentOf({ placement: 'cart', seq: 900 })])));

    expect(frames[1]).toMatchObject({ kind: 'delta', delta: { upserts: [adopted] } });
  });
});

test.each([
  [undefined, undefined],
  [0, 5_000],
  [24, 5_000],
  [1_000, 25_000],
  [10_000, 60_000],
])('a fleet of %s clusters is told to come back within %s ms', (fleetSize, reconnectCapMs) => {
  const hub = hubStream(viewOf({ fleetSize }));

  expect(framesOf(hub.hello(helloOf()))[0]).toMatchObject({ kind: 'welcome', reconnectCapMs });
});
