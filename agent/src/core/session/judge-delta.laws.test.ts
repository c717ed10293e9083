import type { Row } from '@flotilla/shared/model';
import { claimOf } from '@flotilla/shared/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignmentOf, removalOf, variantOf } from '../../../../test/protocol/fleet.ts';
import { judgeDelta } from './judge-delta.ts';

const row = fc
  .record({
    placement: fc.constantFrom('a', 'b', 'c'),
    epoch: fc.integer({ min: 1, max: 3 }),
    seq: fc.integer({ min: 1, max: 9 }),
    decision: fc.constantFrom('event', 'forked'),
    tree: fc.option(fc.constantFrom('one', 'two'), { nil: undefined }),
  })
  .map(({ tree, ...at }): Row => (tree === undefined ? removalOf(at) : assignmentOf(at, variantOf(tree))));
const rows = fc.uniqueArray(row, { selector: ({ placement }) => placement, maxLength: 3 });

describe('an agent whose hub lost its log, or raised the epoch', () => {
  it('I24: takes only what is newer by epoch and then by sequence, or the very decision it holds; and says what it did not take', () => {
    let stale = 0;
    fc.assert(
      fc.property(rows, rows, (held, sent) => {
        const delta = {
          nonce: 1,
          upserts: sent.filter((one) => one.kind === 'assignment'),
          removals: sent.filter((one) => one.kind === 'removal'),
          malformed: [],
          isComplete: true,
        };
        const claims = new Map(held.map((one) => [one.placement, claimOf(one)]));
        const { rejected, take } = judgeDelta(delta, claims, { capabilities: [] });
        for (const one of sent) {
          const old = held.find(({ placement }) => placement === one.placement);
          const isNewer =
            old === undefined ||
            one.version.epoch > old.version.epoch ||
            (one.version.epoch === old.version.epoch && one.version.seq > old.version.seq);
          const isSame =
            JSON.stringify([old?.version, old?.proof]) === JSON.stringify([one.version, one.proof]) &&
            old?.kind === one.kind;
          expect(take.includes(one)).toBe(isNewer || isSame);
          const told = rejected.filter(({ placement }) => placement === one.placement);
          expect(told.map(({ code }) => code)).toEqual(take.includes(one) ? [] : ['STALE']);
          stale += told.length;
        }
      }),
      { numRuns: 1_000 },
    );
    expect(stale).toBeGreaterThan(100);
  });
});
