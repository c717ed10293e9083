import { seededRandom } from '@flotilla/shared/base';
import type { Report } from '@flotilla/shared/model';
import { claimOf, noCounts, setDigest, streamTimes } from '@flotilla/shared/model';
import { describe, expect, test } from 'vitest';
import {
  accept,
  cart,
  framesOf,
  helloOf,
  hubStream,
  shop,
  viewOf,
} from '../../../../test/protocol/hub-driver.ts';
import { openHubSession } from './state.ts';

describe('heartbeats', () => {
  test('are sent every ten seconds and name the agreed set', () => {
    const hub = hubStream(viewOf({ desired: [cart] }));
    hub.hello(helloOf([cart]));

    const frames = framesOf(hub.run(100_000, setDigest([claimOf(cart)])));

    expect(frames.length).toBeGreaterThanOrEqual(9);
    expect(frames.length).toBeLessThanOrEqual(11);
    expect(frames[0]).toEqual({
      kind: 'heartbeat',
      desiredDigest: setDigest([claimOf(cart)]),
      reportSeq: 0,
      wantReport: false,
    });
  });

  test('leave rejected rows out of the wanted set', () => {
    const hub = hubStream(viewOf({ desired: [cart, shop] }));
    hub.hello(helloOf([cart]));
    hub.frame({
      kind: 'ack',
      ack: { nonce: 1, accepted: [], rejected: [{ ...shop, code: 'POLICY', text: 'no' }] },
    });

    const frames = framesOf(hub.run(11_000, setDigest([claimOf(cart)])));

    expect(frames).toMatchObject([{ desiredDigest: setDigest([claimOf(cart)]) }]);
  });

  test('of an agent with another digest make the hub send everything wanted once more', () => {
    const hub = hubStream(viewOf({ desired: [cart, shop] }));
    hub.hello(helloOf([cart, shop]));

    const lost = setDigest([claimOf(cart)]);
    const frames = framesOf(hub.frame({ kind: 'heartbeat', heldDigest: lost, reportSeq: 0 }));

    expect(frames).toMatchObject([{ kind: 'delta', delta: { upserts: [cart, shop] } }]);
  });

  test('that differ a second time ask for a new Hello', () => {
    const hub = hubStream(viewOf({ desired: [cart] }));
    hub.hello(helloOf([cart]));
    const other = setDigest([claimOf(shop)]);
    hub.frame({ kind: 'heartbeat', heldDigest: other, reportSeq: 0 });
    hub.frame(accept([cart]));

    const frames = framesOf(hub.frame({ kind: 'heartbeat', heldDigest: other, reportSeq: 0 }));

    expect(frames).toMatchObject([{ kind: 'refused', code: 'RETRY' }]);
  });

  test('that stay away close the stream', () => {
    const hub = hubStream(viewOf());
    hub.hello(helloOf());

    expect(hub.at(streamTimes.silentMs - 1).at(-1)).not.toMatchObject({ kind: 'close' });
    expect(hub.at(streamTimes.silentMs).at(-1)).toMatchObject({ kind: 'close' });
  });

  test('ask for a report two seconds after it was named, and not when it is there by then', () => {
    const asked = [4, 5].map((seq) => {
      const hub = hubStream(viewOf({ report: { incarnation: 1, seq: 4 } }));
      hub.hello(helloOf());
      hub.frame({ kind: 'heartbeat', heldDigest: setDigest([]), reportSeq: 5 });
      hub.world({ report: { incarnation: 1, seq } });
      return { atMs: hub.wakeAtMs, frames: framesOf(hub.at(2_000)) };
    });

    expect(asked).toMatchObject([
      { atMs: 2_000, frames: [{ kind: 'heartbeat', wantReport: true }] },
      { atMs: 2_000, frames: [{ kind: 'heartbeat', wantReport: false }] },
    ]);
  });

  test('ask for a report that the bus has owed us for long, until it is folded', () => {
    const hub = hubStream(viewOf({ report: { incarnation: 1, seq: 4 } }));
    hub.hello(helloOf());
    const beat = () => hub.frame({ kind: 'heartbeat', heldDigest: setDigest([]), reportSeq: 5 });
    beat();

    hub.at(11_000);
    beat();
    const late = framesOf(hub.at(22_000));
    beat();
    const folded = framesOf(hub.world({ report: { incarnation: 1, seq: 5 } })).concat(
      framesOf(hub.at(33_500)),
    );

    expect(late).toMatchObject([{ kind: 'heartbeat', reportSeq: 4, wantReport: true }]);
    expect(folded).toMatchObject([{ kind: 'heartbeat', reportSeq: 5, wantReport: false }]);
  });
});

describe('a hub that may not speak', () => {
  test('says NotReady, repeats it, sends no row, and goes on when it can', () => {
    const hub = hubStream(
      viewOf({ readiness: { kind: 'not-ready', reason: 'loading Git' }, desired: [cart] }),
    );

    const first = framesOf(hub.hello(helloOf()));
    const waiting = framesOf(hub.run(35_000));
    const ready = framesOf(hub.world({ readiness: { kind: 'ready' } }));

    expect(first).toMatchObject([{ kind: 'not-ready', reason: 'loading Git' }]);
    expect(waiting.map((frame) => frame.kind)).toEqual(['not-ready', 'not-ready', 'not-ready']);
    expect(ready.map((frame) => frame.kind)).toEqual(['welcome', 'delta']);
  });

  test('in the middle of a stream agrees anew afterwards, so that the agent stays', () => {
    const hub = hubStream(viewOf({ desired: [cart] }));
    hub.hello(helloOf([cart]));

    const stopped = framesOf(hub.world({ readiness: { kind: 'not-ready', reason: 'log away' } }));
    const again = framesOf(hub.world({ readiness: { kind: 'ready' } }));

    expect(stopped.map((frame) => frame.kind)).toEqual(['not-ready']);
    expect(again.map((frame) => frame.kind)).toEqual(['agreed']);
  });
});

test('a row to be sent again wakes nobody while the hub may not speak', () => {
  const hub = hubStream(viewOf({ desired: [cart] }));
  hub.hello(helloOf());
  hub.frame({
    kind: 'ack',
    ack: { nonce: 1, accepted: [], rejected: [{ ...cart, code: 'STORE', text: 'disk full' }] },
  });
  hub.world({ readiness: { kind: 'not-ready', reason: 'log away' } });
  const beat = { kind: 'heartbeat', heldDigest: setDigest([]), reportSeq: 0 } as const;
  for (const ms of [30_000, 60_000, 90_000]) {
    hub.at(ms);
    hub.frame(beat);
    expect(hub.wakeAtMs).toBeGreaterThan(ms);
  }
});

describe('draining', () => {
  test('comes with age, spread, and takes the Ack in flight before it closes', () => {
    const hub = hubStream(viewOf({ desired: [cart] }));
    hub.hello(helloOf());
    const drained = hub.step({ kind: 'drain', reconnectAfterMs: 500, reason: 'shutting down' });

    expect(framesOf(drained)).toEqual([{ kind: 'drain', reconnectAfterMs: 500, reason: 'shutting down' }]);
    expect(hub.world({ desired: [shop] })).toEqual([]);
    const outputs = hub.frame(accept([cart]));
    expect(outputs).toMatchObject([{ kind: 'held' }, { kind: 'close' }]);
  });

  test('of old age happens between 27 and 33 minutes', () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const state = openHubSession(seed, 0);
      expect(state.drainAtMs).toBeGreaterThanOrEqual(27 * 60_000);
      expect(state.drainAtMs).toBeLessThanOrEqual(33 * 60_000);
    }
  });
});

describe('reports over the stream', () => {
  const report: Report = {
    incarnation: 1,
    seq: 3,
    heldDigest: setDigest([]),
    assignments: [],
    facts: {
      kubernetes: '',
      nodes: noCounts.total,
      agent: '',
      isSimulated: false,
      fetchRungs: {},
      inventoryParent: '',
      more: {},
    },
    madeAtMs: 0,
    trimmed: [],
  };

  test('are published', () => {
    const hub = hubStream(viewOf());
    hub.hello(helloOf());

    expect(hub.frame({ kind: 'report', report })).toEqual([{ kind: 'publish-report', report }]);
  });

  test('of another incarnation end the stream', () => {
    const hub = hubStream(viewOf());
    hub.hello(helloOf());

    expect(framesOf(hub.frame({ kind: 'report', report: { ...report, incarnation: 2 } }))).toMatchObject([
      { kind: 'refused', code: 'PROTOCOL' },
    ]);
  });
});

test('a wake-up is never due in the past, whatever happened', () => {
  const random = seededRandom(3);
  for (let run = 0; run < 50; run += 1) {
    const hub = hubStream(viewOf({ desired: [cart] }));
    hub.hello(helloOf());
    hub.frame({
      kind: 'ack',
      ack: { nonce: 1, accepted: [], rejected: [{ ...cart, code: 'STORE', text: '' }] },
    });
    let time = 0;
    for (let turn = 0; turn < 20 && hub.wakeAtMs !== undefined; turn += 1) {
      time = Math.max(time, hub.wakeAtMs) + Math.floor(random.next() * 3_000);
      hub.at(time);
      expect(hub.wakeAtMs ?? Number.POSITIVE_INFINITY).toBeGreaterThan(time);
    }
  }
});
