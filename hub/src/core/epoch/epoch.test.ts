import { describe, expect, test } from 'vitest';
import { type Epoch, foldEpoch, noEpoch, raisedEpoch } from './epoch.ts';

const raise = (before: Epoch, epoch: number, seq: number) =>
  foldEpoch(before, { seq, storedAtMs: seq * 10, payload: { kind: 'epoch-raised', epoch, text: 'why' } });
const confirm = (before: Epoch, epoch: number, seq: number) =>
  foldEpoch(before, { seq, storedAtMs: seq * 10, payload: { kind: 'epoch-confirmed', epoch } });

describe('the epoch', () => {
  test('of a fleet that begins waits for nobody', () => {
    expect(raise(noEpoch, 1, 1)).toEqual({ epoch: 1, lastSeq: 1, unconfirmed: undefined });
  });

  test('that was raised waits for a person, and for the word on exactly this raise', () => {
    const raised = raise(raise(noEpoch, 1, 1), 2, 9);
    expect(raised).toEqual({ epoch: 2, lastSeq: 9, unconfirmed: { text: 'why', sinceMs: 90 } });
    expect(confirm(raised, 1, 10).unconfirmed).toBeDefined();
    expect(confirm(raised, 2, 10)).toEqual({ epoch: 2, lastSeq: 10, unconfirmed: undefined });
    expect(raise(confirm(raised, 2, 10), 3, 11).unconfirmed).toBeDefined();
  });

  test('takes an event once', () => {
    const raised = raise(raise(noEpoch, 1, 1), 2, 9);
    expect(confirm(raised, 2, 9)).toBe(raised);
  });
});

describe('a loss', () => {
  const current = { epoch: 2, lastSeq: 9, unconfirmed: undefined };

  test.each([
    [{ seenAt: 2, claimed: 2 }, 3],
    [{ seenAt: 2, claimed: 5 }, 6],
    [{ seenAt: 2, claimed: 0 }, 3],
  ])('%j calls for one above all that are known: %i', (loss, expected) => {
    expect(raisedEpoch(current, loss)).toBe(expected);
  });

  test('that another process has answered calls for nothing', () => {
    expect(raisedEpoch({ ...current, epoch: 3 }, { seenAt: 2, claimed: 2 })).toBeUndefined();
  });
});
