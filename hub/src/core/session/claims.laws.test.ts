import type { HubView } from '@flotilla/hub/core';
import type { Row } from '@flotilla/shared/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignmentOf, removalOf, variantOf } from '../../../../test/protocol/fleet.ts';
import { framesOf, helloOf, hubStream, viewOf } from '../../../../test/protocol/hub-driver.ts';

const decision = fc.record({
  placement: fc.constantFrom('a', 'b', 'c'),
  make: fc.constantFrom('tree', 'other tree', 'removal'),
});
type Decision = typeof decision extends fc.Arbitrary<infer Value> ? Value : never;

/** The newest row of each placement after these decisions; those behind `fork` are of another log with the same numbers. */
function rowsAfter(decisions: readonly Decision[], fork = Number.POSITIVE_INFINITY): readonly Row[] {
  const rows = new Map<string, Row>();
  for (const [index, { make, placement }] of decisions.entries()) {
    const seq = index + 1;
    const at = { placement, seq, decision: seq > fork ? 'forked' : 'event' };
    rows.set(placement, make === 'removal' ? removalOf(at) : assignmentOf(at, variantOf(make)));
  }
  return [...rows.values()];
}

/** What a process remembers of each event that it folded: of a log whose events behind `fork` are others than the agent saw. */
function remembered(foldedSeq: number, fork: number): HubView['isLogged'] {
  return (seq, eventHash) =>
    seq <= foldedSeq
      ? eventHash ===
        assignmentOf({ placement: 'any', seq, decision: seq > fork ? 'forked' : 'event' }).proof.eventHash
      : undefined;
}

/** A log that was written, a part of which the agent has seen, and what is left of it and was written since. */
const loss = fc.record({
  log: fc.array(decision, { minLength: 1, maxLength: 12, size: 'max' }),
  seen: fc.nat({ max: 12 }),
  kept: fc.nat({ max: 12 }),
  since: fc.array(decision, { maxLength: 12, size: 'max' }),
});

describe('a hub whose log lost its end, or forked', () => {
  it('I24: gives no agent a row that is older than what it holds, or another one of the same number', () => {
    let spoke = 0;
    fc.assert(
      fc.property(loss, ({ log, seen, kept, since }) => {
        const held = rowsAfter(log.slice(0, seen));
        const left = log.slice(0, kept);
        const desired = rowsAfter([...left, ...since], left.length);
        const hub = hubStream(viewOf({ foldedSeq: left.length + since.length, desired }));
        const outputs = hub.hello(helloOf(held));
        const rows = framesOf(outputs).flatMap((frame) =>
          frame.kind === 'delta' ? [...frame.delta.upserts, ...frame.delta.removals] : [],
        );
        for (const row of rows) {
          spoke += 1;
          const old = held.find((one) => one.placement === row.placement);
          expect(row.version.seq).toBeGreaterThan(old?.version.seq ?? 0);
        }
      }),
      { numRuns: 1_000 },
    );
    expect(spoke).toBeGreaterThan(100);
  });

  it('I24: says so whenever an agent shows a row that the log lost, however far the log has grown past it', () => {
    let overgrown = 0;
    fc.assert(
      fc.property(loss, ({ log, seen, kept, since }) => {
        const held = rowsAfter(log.slice(0, seen));
        const left = log.slice(0, kept);
        const foldedSeq = left.length + since.length;
        const desired = rowsAfter([...left, ...since], left.length);
        const isLogged = remembered(foldedSeq, left.length);
        const hub = hubStream(viewOf({ foldedSeq, desired, isLogged }));
        const outputs = [...hub.hello(helloOf(held)), ...hub.step({ kind: 'log-end', seq: foldedSeq })];
        const lost = held.filter(({ version }) => version.seq > left.length);
        const isOvergrown = lost.length > 0 && lost.every(({ version }) => version.seq <= foldedSeq);
        if (isOvergrown) overgrown += 1;
        const raised = outputs.some((output) => output.kind === 'raise' && output.code === 'LogLost');
        expect(raised).toBe(lost.length > 0);
        const isWelcomed = framesOf(outputs).some((frame) => frame.kind === 'welcome');
        expect(isWelcomed).toBe(lost.length === 0);
      }),
      { numRuns: 1_000 },
    );
    expect(overgrown).toBeGreaterThan(100);
  });

  it('I24: sends nothing of the epoch that lost it to who holds a row of the lost part, though the epoch was raised', () => {
    let heldBack = 0;
    fc.assert(
      fc.property(loss, ({ log, seen, kept, since }) => {
        const held = rowsAfter(log.slice(0, seen));
        const left = log.slice(0, kept);
        const foldedSeq = left.length + since.length + 1;
        const desired = rowsAfter([...left, ...since], left.length);
        const isLogged = remembered(foldedSeq, left.length);
        const hub = hubStream(viewOf({ epoch: 2, foldedSeq, desired, isLogged }));
        const rows = framesOf(hub.hello(helloOf(held))).flatMap((frame) =>
          frame.kind === 'delta' ? [...frame.delta.upserts, ...frame.delta.removals] : [],
        );
        const lost = held
          .filter(({ version }) => version.seq > left.length)
          .map(({ placement }) => placement);
        expect(rows.map(({ placement }) => placement).filter((name) => lost.includes(name))).toEqual([]);
        const isNewer = ({ placement, version }: Row) => {
          const old = held.find((one) => one.placement === placement);
          return old !== undefined && version.seq > old.version.seq && lost.includes(placement);
        };
        if (desired.some(isNewer)) heldBack += 1;
      }),
      { numRuns: 1_000 },
    );
    expect(heldBack).toBeGreaterThan(100);
  });

  it('I24: of events that it does not remember says so, or waits for the end, as long as rows of the log do not explain a claim', () => {
    fc.assert(
      fc.property(loss, ({ log, seen, kept, since }) => {
        const held = rowsAfter(log.slice(0, seen));
        const left = log.slice(0, kept);
        const foldedSeq = left.length + since.length;
        const desired = rowsAfter([...left, ...since], left.length);
        const hub = hubStream(viewOf({ foldedSeq, desired }));
        const outputs = [...hub.hello(helloOf(held)), ...hub.step({ kind: 'log-end', seq: foldedSeq })];
        const unexplained = held.filter(({ placement, proof, version }) => {
          const row = desired.find((one) => one.placement === placement);
          const isReplaced = row !== undefined && row.version.seq > version.seq;
          const isSame = row?.version.seq === version.seq && row.proof.eventHash === proof.eventHash;
          return version.seq > foldedSeq || (row !== undefined && !isReplaced && !isSame);
        });
        const raised = outputs.some((output) => output.kind === 'raise' && output.code === 'LogLost');
        expect(raised).toBe(unexplained.length > 0);
        const isWelcomed = framesOf(outputs).some((frame) => frame.kind === 'welcome');
        expect(isWelcomed).toBe(unexplained.length === 0);
      }),
      { numRuns: 1_000 },
    );
  });
});
