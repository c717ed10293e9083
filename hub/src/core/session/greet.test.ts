import { claimOf, setDigest, streamTimes } from '@flotilla/shared/model';
import { describe, expect, test } from 'vitest';
import { assignmentOf, fleet, removalOf, variantOf } from '../../../../test/protocol/fleet.ts';
import { cart, framesOf, helloOf, hubStream, shop, viewOf } from '../../../../test/protocol/hub-driver.ts';
import type { KnownStream } from './fence.ts';

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
