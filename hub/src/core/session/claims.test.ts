import { streamTimes } from '@flotilla/shared/model';
import { describe, expect, test } from 'vitest';
import { assignmentOf, forged } from '../../../../test/protocol/fleet.ts';
import { cart, framesOf, helloOf, hubStream, shop, viewOf } from '../../../../test/protocol/hub-driver.ts';
import type { HubView } from './state.ts';

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

  test('of an older epoch that the log lost wait for a row of the new one, whatever the old one decided meanwhile', () => {
    const claim = assignmentOf({ placement: 'cart', seq: 50, decision: 'lost' });
    const desired = [assignmentOf({ placement: 'cart', seq: 80 })];
    const isLogged: HubView['isLogged'] = (_seq, hash) => hash !== claim.proof.eventHash;
    const hub = hubStream(viewOf({ epoch: 2, desired, isLogged }));

    expect(framesOf(hub.hello(helloOf([claim])))).toMatchObject([{ kind: 'welcome' }, { kind: 'agreed' }]);
    const adopted = assignmentOf({ placement: 'cart', seq: 90, epoch: 2 });
    expect(framesOf(hub.world({ desired: [adopted] }))).toMatchObject([
      { kind: 'delta', delta: { upserts: [adopted] } },
    ]);
  });

  test('of an older epoch are replaced by the rows of the new one', () => {
    const adopted = assignmentOf({ placement: 'cart', seq: 12, epoch: 2 });
    const hub = hubStream(viewOf({ epoch: 2, foldedSeq: 12, desired: [adopted] }));

    const frames = framesOf(hub.hello(helloOf([assignmentOf({ placement: 'cart', seq: 900 })])));

    expect(frames[1]).toMatchObject({ kind: 'delta', delta: { upserts: [adopted] } });
  });
});
