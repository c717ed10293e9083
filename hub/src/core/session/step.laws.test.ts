import type { AgentFrame, Hello, Row } from '@flotilla/shared/model';
import { claimOf, setDigest } from '@flotilla/shared/model';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assignmentOf, forged, removalOf, variantOf } from '../../../../test/protocol/fleet.ts';
import { helloOf, hubStream, viewOf } from '../../../../test/protocol/hub-driver.ts';
import { nextChunk, rowBytesMax } from './outstanding.ts';

const row: fc.Arbitrary<Row> = fc
  .record({
    placement: fc.constantFrom('a', 'b', 'c', 'd'),
    seq: fc.integer({ min: 1, max: 8 }),
    make: fc.constantFrom('tree', 'other tree', 'removal'),
    isForged: fc.nat({ max: 5 }).map((one) => one === 0),
  })
  .map(({ make, isForged, ...position }) => {
    const made = make === 'removal' ? removalOf(position) : assignmentOf(position, variantOf(make));
    return isForged ? forged(made) : made;
  });
const rows = fc
  .array(row, { maxLength: 4 })
  .map((some) => [...new Map(some.map((one) => [one.placement, one])).values()]);
const answer = fc.constantFrom('accept', 'STALE', 'STORE', 'UNSUPPORTED');
const turns = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        what: fc.constant('ack' as const),
        answers: fc.array(answer, { minLength: 4, maxLength: 4 }),
        nonceOff: fc.nat({ max: 6 }).map((one) => (one === 0 ? 1 : 0)),
      }),
    },
    { weight: 3, arbitrary: fc.record({ what: fc.constant('desire' as const), rows }) },
    fc.record({ what: fc.constant('beat' as const), rows: fc.option(rows, { nil: undefined }) }),
    fc.record({ what: fc.constant('time' as const), ms: fc.nat({ max: 70_000 }) }),
    fc.record({ what: fc.constant('ready' as const), isReady: fc.boolean() }),
    fc.record({ what: fc.constant('log-end' as const), seq: fc.nat({ max: 10 }) }),
  ),
  { maxLength: 40, size: 'max' },
);

test('whatever an agent answers, at most one delta is in flight, memory stays bounded and no wake-up is in the past', () => {
  fc.assert(
    fc.property(rows, turns, (held, happened) => {
      const hub = hubStream(viewOf({ foldedSeq: 8 }));
      const names = new Set<string>(held.map((one) => one.placement));
      let desired: readonly Row[] = [];
      let nowMs = 0;
      let unanswered = 0;
      let outputs = hub.hello(helloOf(held));
      unanswered = outputs.filter((output) => output.kind === 'send' && output.frame.kind === 'delta').length;
      for (const turn of happened) {
        if (turn.what === 'desire') {
          desired = turn.rows;
          for (const one of desired) names.add(one.placement);
          outputs = hub.world({ desired });
        } else if (turn.what === 'ack') {
          unanswered = 0;
          outputs = hub.frame(ackOf(hub, turn));
        } else if (turn.what === 'beat') {
          const heldDigest = turn.rows === undefined ? setDigest([]) : setDigest(turn.rows.map(claimOf));
          outputs = hub.frame({ kind: 'heartbeat', heldDigest, reportSeq: 1 });
        } else if (turn.what === 'ready') {
          const readiness = turn.isReady
            ? ({ kind: 'ready' } as const)
            : ({ kind: 'not-ready', reason: '' } as const);
          outputs = hub.world({ readiness });
        } else if (turn.what === 'log-end') outputs = hub.step({ kind: 'log-end', seq: turn.seq });
        else {
          nowMs += turn.ms;
          outputs = hub.at(nowMs);
        }
        const { state } = hub;
        const deltas = outputs.filter((output) => output.kind === 'send' && output.frame.kind === 'delta');
        unanswered += deltas.length;
        expect(unanswered).toBeLessThanOrEqual(1);
        if (deltas.length > 0) expect(state.inFlight?.nonce).toBe(state.lastNonce);
        expect(state.held.size).toBeLessThanOrEqual(names.size);
        if (state.phase.kind === 'serving' && state.inFlight === undefined && state.hushed === undefined) {
          const wanted = new Set<string>(desired.map((one) => one.placement));
          expect([...state.rejected.keys()].filter((placement) => !wanted.has(placement))).toEqual([]);
        }
        if (turn.what === 'time') expect(hub.wakeAtMs ?? Number.POSITIVE_INFINITY).toBeGreaterThan(nowMs);
        if (state.phase.kind === 'closed') expect(hub.at(nowMs)).toEqual([]);
      }
    }),
    { numRuns: 200 },
  );
}, 60_000);

/** An answer to the delta in flight, row by row; sometimes to another one. */
function ackOf(
  hub: ReturnType<typeof hubStream>,
  turn: { readonly answers: readonly string[]; readonly nonceOff: number },
): Exclude<AgentFrame, Hello> {
  const inFlight = [...(hub.state.inFlight?.rows.values() ?? [])];
  const answered = inFlight.map(({ placement, version }, index) => ({
    placement,
    version,
    code: turn.answers[index] ?? 'accept',
  }));
  const accepted = answered.filter((one) => one.code === 'accept');
  const rejected = answered.filter((one) => one.code !== 'accept');
  return {
    kind: 'ack',
    ack: {
      nonce: hub.state.lastNonce + turn.nonceOff,
      accepted: accepted.map(({ placement, version }) => ({ placement, version })),
      rejected: rejected.map(({ placement, version, code }) => ({
        placement,
        version,
        code: code === 'STALE' || code === 'STORE' ? code : 'UNSUPPORTED',
        text: '',
      })),
    },
  };
}

test('a chunk holds outstanding rows in order and leaves out none that fits', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 1_100_000 }), { maxLength: 8 }), (sizes) => {
      const outstanding = sizes.map((size, index) => {
        const { render } = variantOf('x');
        const patch = { target: {}, kind: 'merge' as const, patchJson: 'x'.repeat(size + 1) };
        return assignmentOf(
          { placement: `p-${index}`, seq: 1 },
          { ...variantOf('x'), render: { ...render, patches: [patch] } },
        );
      });
      const { rows: taken, tooLarge, isAll } = nextChunk(outstanding);
      const bytes = taken.reduce((sum, one) => sum + rowBytesMax(one), 0);

      expect(bytes).toBeLessThan(1_048_576);
      expect([...taken, ...tooLarge].map((one) => one.placement).sort()).toEqual(
        outstanding.slice(0, taken.length + tooLarge.length).map((one) => one.placement),
      );
      expect(isAll).toBe(taken.length + tooLarge.length === outstanding.length);
    }),
    { numRuns: 30 },
  );
}, 60_000);
