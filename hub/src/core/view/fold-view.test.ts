import type { PlacementName } from '@flotilla/shared/base';
import type { AssignmentReport, Report } from '@flotilla/shared/model';
import { zeroDigest } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { emptyClusterView, foldPresence, foldRejections, foldReport, isFresh } from './fold-view.ts';

function reportOf(incarnation: number, seq: number): Report {
  const facts = {
    kubernetes: 'v1.36.0',
    nodes: 1,
    agent: '0.1.0',
    isSimulated: false,
    fetchRungs: {},
    inventoryParent: '',
    more: {},
  };
  return { incarnation, seq, heldDigest: zeroDigest, assignments: [], facts, madeAtMs: 0, trimmed: [] };
}

const reported = foldReport(emptyClusterView(0), reportOf(2, 7), 1);
const seen = (presence: 'connected' | 'suspect' | 'disconnected', announced?: [number, number]) => ({
  presence,
  announced: announced && { incarnation: announced[0], seq: announced[1] },
});

describe('what a cluster last said', () => {
  it('is fresh while it is connected and the report that it named is here', () => {
    expect(isFresh(foldPresence(reported, seen('connected', [2, 7]), 2))).toBe(true);
    expect(isFresh(foldPresence(reported, seen('connected', [2, 6]), 2))).toBe(true);
  });

  it.each([
    ['it named a newer report', seen('connected', [2, 8])],
    ['it began a newer life', seen('connected', [3, 1])],
    ['it named none on this stream', seen('connected')],
    ['it made none that counts', seen('connected', [2, 0])],
    ['nothing was heard of it for a while', seen('suspect', [2, 7])],
    ['its stream ended', seen('disconnected', [2, 7])],
  ])('is not fresh when %s', (_why, now) => {
    expect(isFresh(foldPresence(reported, now, 2))).toBe(false);
  });

  it('is not fresh on a new stream only because an older one had named it', () => {
    const before = foldPresence(reported, seen('connected', [2, 7]), 2);
    expect(isFresh(foldPresence(before, seen('connected'), 3))).toBe(false);
  });

  it('is never replaced by an older report', () => {
    expect(foldReport(reported, reportOf(2, 6), 9)).toBe(reported);
    expect(foldReport(reported, reportOf(1, 99), 9)).toBe(reported);
  });
});

describe('a refused row', () => {
  const refused = (seq: number) => {
    const version = { epoch: 1, seq };
    return { placement: 'shop' as PlacementName, version, code: 'POLICY', text: 'no' } as const;
  };
  const entry = { placement: 'shop' as PlacementName, version: { epoch: 1, seq: 5 } };
  // Only what the fold reads of an entry.
  const speaking = { ...reported, byPlacement: new Map([[entry.placement, entry as AssignmentReport]]) };

  it('is taken once, however often it is told', () => {
    const view = foldRejections(reported, [refused(6)]);
    expect(view.rejected.get(entry.placement)).toEqual(refused(6));
    expect(foldRejections(view, [refused(6)])).toBe(view);
    expect(foldRejections(view, [refused(5)])).toBe(view);
  });

  it('that the agent has reported on since is not told back into being', () => {
    expect(foldRejections(speaking, [refused(5)])).toBe(speaking);
    expect(foldRejections(speaking, [refused(6)]).rejected.size).toBe(1);
  });
});
