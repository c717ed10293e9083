import type { HubFrame, Row, RowVersion } from '@flotilla/shared/model';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { agentMachine, deltaOf, welcomeOf } from '../../../../test/protocol/agent-driver.ts';
import { assignmentOf, fleet, helmVariantOf, removalOf, variantOf } from '../../../../test/protocol/fleet.ts';

/** Rows that collide: few placements, few versions, all kinds. */
const row: fc.Arbitrary<Row> = fc
  .record({
    placement: fc.constantFrom('a', 'b', 'c'),
    epoch: fc.integer({ min: 1, max: 2 }),
    seq: fc.integer({ min: 1, max: 6 }),
    decision: fc.constantFrom('one', 'two'),
    make: fc.constantFrom('tree', 'other tree', 'helm', 'removal', 'wrong digest'),
  })
  .map(({ make, ...position }) => {
    if (make === 'removal') return removalOf(position);
    if (make === 'helm') return assignmentOf(position, helmVariantOf('chart'));
    if (make === 'wrong digest') {
      return assignmentOf(position, { ...variantOf('x'), digest: variantOf('y').digest });
    }
    return assignmentOf(position, variantOf(make));
  });

/** Whatever a broken or hostile hub may send. */
const hubFrame: fc.Arbitrary<HubFrame> = fc.oneof(
  { weight: 6, arbitrary: fc.array(row, { maxLength: 4 }).map((rows) => deltaOf(rows)) },
  fc.integer({ min: 1, max: 4 }).map((incarnation) => welcomeOf({ incarnation })),
  fc.constant({ kind: 'drain', reconnectAfterMs: 5, reason: '' } as const),
  fc.constant({ kind: 'not-ready', retryAfterMs: 5, reason: '' } as const),
  fc
    .constantFrom('RETRY', 'FENCED', 'REPLACED', 'NOT_REGISTERED')
    .map((code) => ({ kind: 'refused', code, text: '', retryAfterMs: 0 }) as const),
);
const turns = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ what: fc.constant('frame' as const), frame: hubFrame, isInOrder: fc.boolean() }),
    },
    { weight: 3, arbitrary: fc.record({ what: fc.constant('stored' as const), isGood: fc.boolean() }) },
    fc.record({ what: fc.constant('lose' as const) }),
    fc.record({ what: fc.constant('time' as const), ms: fc.nat({ max: 60_000 }) }),
  ),
  { maxLength: 60, size: 'max' },
);

test('I6: whatever a hub sends, nothing durable goes back, nothing is stored twice at once, and only stored rows are accepted', () => {
  fc.assert(
    fc.property(turns, (happened) => {
      const agent = agentMachine();
      const durable = new Map<string, { readonly version: RowVersion }>();
      let storing: readonly Row[] | undefined;
      const incarnations: number[] = [];
      for (const turn of happened) {
        let outputs = agent.next();
        if (agent.state.phase.kind === 'opening') {
          outputs = [...outputs, ...agent.step({ kind: 'link-up', session: agent.state.session })];
          outputs = [...outputs, ...agent.frame(welcomeOf({ incarnation: agent.state.incarnation }))];
        }
        if (turn.what === 'lose') outputs = [...outputs, ...agent.lose()];
        if (turn.what === 'time') agent.wait(turn.ms);
        if (turn.what === 'frame') {
          const { phase } = agent.state;
          const nonce = turn.isInOrder && phase.kind === 'following' ? phase.lastNonce + 1 : 1;
          const frame =
            turn.frame.kind === 'delta'
              ? { ...turn.frame, delta: { ...turn.frame.delta, nonce } }
              : turn.frame;
          outputs = [...outputs, ...agent.frame(frame)];
        }
        if (turn.what === 'stored' && storing !== undefined) {
          const rows: readonly Row[] = storing;
          storing = undefined;
          if (turn.isGood) for (const one of rows) checkAndPut(durable, one);
          const failed = rows.map(
            ({ placement, version }) => ({ placement, version, code: 'STORE', text: '' }) as const,
          );
          outputs = [...outputs, ...(turn.isGood ? agent.stored(rows) : agent.stored([], failed))];
        }
        for (const output of outputs) {
          if (output.kind === 'persist') {
            expect(storing).toBeUndefined();
            storing = output.rows;
          }
          if (output.kind === 'open') incarnations.push(output.incarnation);
          if (output.kind === 'send' && output.frame.kind === 'ack') {
            for (const one of output.frame.ack.accepted) {
              expect(durable.get(one.placement)?.version).toEqual(one.version);
            }
          }
          if (output.kind === 'send' && output.frame.kind === 'hello') {
            expect(output.frame.held.map(({ placement, version }) => [placement, version])).toEqual(
              [...durable].map(([placement, { version }]) => [placement, version]),
            );
            expect(output.frame.hubId).toBe(fleet.hubId);
          }
        }
      }
      expect([...incarnations].sort((left, right) => left - right)).toEqual(incarnations);
    }),
    { numRuns: 200 },
  );
}, 60_000);

function checkAndPut(durable: Map<string, { readonly version: RowVersion }>, row: Row): void {
  const old = durable.get(row.placement);
  // Written out here: the law must not trust the comparison that it judges.
  const { epoch, seq } = row.version;
  if (old?.version.epoch === epoch) expect(seq).toBeGreaterThanOrEqual(old.version.seq);
  else expect(epoch).toBeGreaterThan(old?.version.epoch ?? 0);
  durable.set(row.placement, { version: row.version });
}
