import type { HubFrame } from '@flotilla/shared/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agentMachine, welcomeOf } from '../../../../test/protocol/agent-driver.ts';
import { assignmentOf, fleet, removalOf } from '../../../../test/protocol/fleet.ts';

const rows = fc
  .uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 })
  .map((names) =>
    names.map((placement, index) =>
      index % 3 === 2
        ? removalOf({ placement, seq: index + 1 })
        : assignmentOf({ placement, seq: index + 1 }),
    ),
  );

/** All that a hub may say that gives no row. */
const word: fc.Arbitrary<HubFrame> = fc.oneof(
  fc.integer({ min: 1, max: 3 }).map((epoch) => welcomeOf({ epoch })),
  fc.constant({ kind: 'not-ready', retryAfterMs: 1_000, reason: 'starting' } as const),
  fc.constant({ kind: 'drain', reconnectAfterMs: 5, reason: '' } as const),
  fc
    .constantFrom('RETRY', 'FENCED', 'REPLACED', 'NOT_REGISTERED')
    .map((code) => ({ kind: 'refused', code, text: '', retryAfterMs: 0 }) as const),
);
const event = fc.oneof(
  fc.record({ what: fc.constant('wait' as const), ms: fc.nat({ max: 600_000 }) }),
  fc.record({ what: fc.constant('word' as const), frame: word }),
  fc.record({ what: fc.constant('lose' as const) }),
);

describe('an agent without a hub, or with one that gives it no row', () => {
  it('I22: keeps exactly the rows that it has, stores nothing, and shows them when it comes back', () => {
    fc.assert(
      fc.property(rows, fc.array(event, { maxLength: 40, size: 'max' }), (held, events) => {
        const agent = agentMachine(held);
        const before = [...agent.state.held];
        for (const one of events) {
          const outputs = [...agent.next()];
          if (agent.state.phase.kind === 'opening')
            outputs.push(...agent.step({ kind: 'link-up', session: agent.state.session }));
          if (one.what === 'wait') agent.wait(one.ms);
          if (one.what === 'lose') outputs.push(...agent.lose());
          if (one.what === 'word') outputs.push(...agent.frame(one.frame));
          expect(outputs.filter((output) => output.kind === 'persist')).toEqual([]);
          expect([...agent.state.held]).toEqual(before);
          for (const output of outputs) {
            if (output.kind !== 'send' || output.frame.kind !== 'hello') continue;
            expect(output.frame.hubId).toBe(fleet.hubId);
            expect(output.frame.held).toEqual(before.map(([, claim]) => claim));
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
