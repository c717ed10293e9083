import { streamTimes } from '@flotilla/shared/model';
import { describe, expect, test } from 'vitest';
import { assignmentOf, helmVariantOf, variantOf } from '../../../../test/protocol/fleet.ts';
import {
  accept,
  cart,
  framesOf,
  helloOf,
  hubStream,
  shop,
  viewOf,
} from '../../../../test/protocol/hub-driver.ts';

describe('deltas', () => {
  test('wait for the Ack of the one in flight; then only the newest state is sent', () => {
    const hub = hubStream(viewOf({ desired: [cart] }));
    hub.hello(helloOf());
    const newer = assignmentOf({ placement: 'cart', seq: 30 });
    const newest = assignmentOf({ placement: 'cart', seq: 40 });

    expect(hub.world({ desired: [newer] })).toEqual([]);
    expect(hub.world({ desired: [newest] })).toEqual([]);
    const frames = framesOf(hub.frame(accept([cart])));

    expect(frames).toMatchObject([
      { kind: 'delta', delta: { nonce: 2, upserts: [newest], isComplete: true } },
    ]);
  });

  test('of a large set are cut below a frame and complete on the last', () => {
    const text = 'x'.repeat(300_000);
    const desired = ['a', 'b', 'c', 'd', 'e'].map((name) => {
      const { render } = variantOf(name);
      const patch = { target: {}, kind: 'merge' as const, patchJson: text };
      return assignmentOf(
        { placement: name, seq: 10 },
        variantOf(name, { render: { ...render, patches: [patch] } }),
      );
    });
    const hub = hubStream(viewOf({ desired }));

    const first = framesOf(hub.hello(helloOf()))[1];
    const second = framesOf(hub.frame(accept(desired.slice(0, 3))))[0];

    expect(first).toMatchObject({
      kind: 'delta',
      delta: { isComplete: false, upserts: desired.slice(0, 3) },
    });
    expect(second).toMatchObject({ kind: 'delta', delta: { isComplete: true, upserts: desired.slice(3) } });
  });

  test('never carry a row larger than a frame: it is refused in the agent’s place', () => {
    const { render } = variantOf('big');
    const patch = { target: {}, kind: 'merge' as const, patchJson: 'x'.repeat(1_100_000) };
    const big = assignmentOf(
      { placement: 'big', seq: 10 },
      variantOf('big', { render: { ...render, patches: [patch] } }),
    );
    const hub = hubStream(viewOf({ desired: [big, cart] }));

    const outputs = hub.hello(helloOf());

    expect(outputs).toContainEqual(
      expect.objectContaining({
        kind: 'rejected',
        rows: [expect.objectContaining({ placement: 'big', code: 'LIMIT' })],
      }),
    );
    expect(framesOf(outputs)[1]).toMatchObject({
      kind: 'delta',
      delta: { upserts: [cart], isComplete: true },
    });
  });

  test('do not carry a rejected row again in the session, but a newer version of it', () => {
    const helm = assignmentOf({ placement: 'helm', seq: 10 }, helmVariantOf('chart'));
    const hub = hubStream(viewOf({ desired: [helm] }));
    hub.hello(helloOf());

    const outputs = hub.frame({
      kind: 'ack',
      ack: { nonce: 1, accepted: [], rejected: [{ ...helm, code: 'UNSUPPORTED', text: 'render.renderer' }] },
    });

    expect(outputs).toMatchObject([{ kind: 'rejected', rows: [{ placement: 'helm', code: 'UNSUPPORTED' }] }]);
    expect(framesOf(hub.world({ desired: [helm, cart] }))).toMatchObject([{ delta: { upserts: [cart] } }]);
    hub.frame(accept([cart], 2));
    const newer = assignmentOf({ placement: 'helm', seq: 50 }, helmVariantOf('chart 2'));
    expect(framesOf(hub.world({ desired: [newer, cart] }))).toMatchObject([{ delta: { upserts: [newer] } }]);
  });

  test('carry a row again that could not be stored, after a while', () => {
    const hub = hubStream(viewOf({ desired: [cart] }));
    hub.hello(helloOf());
    hub.frame({
      kind: 'ack',
      ack: { nonce: 1, accepted: [], rejected: [{ ...cart, code: 'STORE', text: 'disk full' }] },
    });

    const before = framesOf(hub.run(streamTimes.storeRetryMs - 1_000));
    const after = framesOf(hub.run(2_000));

    expect(before.filter((frame) => frame.kind === 'delta')).toEqual([]);
    expect(after.filter((frame) => frame.kind === 'delta')).toMatchObject([
      { delta: { nonce: 2, upserts: [cart] } },
    ]);
  });

  test.each([
    ['another nonce', accept([cart], 2)],
    ['a row that was not sent', accept([shop])],
    ['another version', accept([assignmentOf({ placement: 'cart', seq: 11 })])],
    ['too few rows', accept([])],
    ['a row twice', accept([cart, cart])],
  ])('answered with %s end the stream', (_, ack) => {
    const hub = hubStream(viewOf({ desired: [cart] }));
    hub.hello(helloOf());

    expect(framesOf(hub.frame(ack))).toMatchObject([{ kind: 'refused', code: 'PROTOCOL' }]);
  });

  test('that nobody acknowledges end the stream', () => {
    const hub = hubStream(viewOf({ desired: [cart] }));
    hub.hello(helloOf());

    const frames = framesOf(hub.run(streamTimes.ackWithinMs + 1_000));

    expect(frames.at(-1)).toMatchObject({ kind: 'refused', code: 'RETRY' });
  });
});
