import type { Report } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import { fullReport } from '../../../../test/replay/sample-report.ts';
import type { ClusterView } from './cluster-view.ts';
import { factsOf } from './facts-of.ts';
import { emptyClusterView, foldPresence, foldReport } from './fold-view.ts';

function report(seq: number, facts: Partial<Report['facts']> = {}): Report {
  return {
    ...fullReport,
    incarnation: 1,
    seq,
    facts: { ...fullReport.facts, kubernetes: 'v1.29.3', ...facts },
  };
}

function heard(view: ClusterView, said: Report): ClusterView {
  return foldReport(view, said, 0);
}

function names(view: ClusterView, seq: number): ClusterView {
  return foldPresence(view, { presence: 'connected', announced: { incarnation: 1, seq } }, 0);
}

const silent = emptyClusterView(0);

describe('facts of a cluster', () => {
  it('are unknown before its first report, and stale until its stream has named that report', () => {
    expect(factsOf(names(silent, 1), undefined)).toBeUndefined();
    const stale = factsOf(heard(silent, report(1)), undefined);
    expect(stale).toMatchObject({ isFresh: false, values: { kubernetes: 'v1.29.3' } });
    expect(factsOf(names(heard(silent, report(1)), 1), stale)).toMatchObject({ isFresh: true });
  });

  it('stay what they were while a newer report is on its way, and are the same object when it says the same', () => {
    const fresh = names(heard(silent, report(1)), 1);
    const facts = factsOf(fresh, undefined);
    const announced = names(fresh, 2);
    expect(factsOf(announced, facts)).toBe(facts);
    expect(factsOf(heard(announced, report(2, { fetchRungs: { a: 'b' } })), facts)).toBe(facts);
    expect(factsOf(heard(announced, report(2, { nodes: 99 })), facts)).toMatchObject({
      isFresh: true,
      values: { nodes: 99 },
    });
    expect(factsOf(heard(announced, report(2, { more: { gpu: 'a' } })), facts)).not.toBe(facts);
  });

  it('are stale from the moment that the stream is gone', () => {
    const fresh = names(heard(silent, report(1)), 1);
    const facts = factsOf(fresh, undefined);
    for (const presence of ['suspect', 'disconnected', 'lost'] as const) {
      const away = foldPresence(fresh, { presence, announced: undefined }, 1);
      expect(factsOf(away, facts)).toEqual({ ...facts, isFresh: false });
    }
  });

  it('are not what an agent says that has not reached its API server', () => {
    const fresh = names(heard(silent, report(1)), 1);
    const facts = factsOf(fresh, undefined);
    const restarted = names(heard(fresh, report(2, { kubernetes: '', nodes: 0 })), 2);
    expect(factsOf(restarted, facts)).toEqual({ ...facts, isFresh: false });
    expect(factsOf(restarted, undefined)).toBeUndefined();
  });
});
