import type { Digest, EventId, GitId } from '@flotilla/shared/base';
import { manualClock } from '@flotilla/shared/kit/manual-clock';
import type { CommitInfo } from '@flotilla/shared/model';
import { describe, expect, it } from 'vitest';
import type { DecisionLog } from '../ports.ts';
import { acceptSource } from './api-actions.ts';
import { Fleet } from './fleet.ts';
import { refOf, waitingCommits } from './waiting-commits.ts';

const idOf = (letter: string) => letter.repeat(40) as GitId;
const commit = (letter: string): CommitInfo => ({
  id: idOf(letter),
  author: 'Ada',
  subject: 'x',
  committedAtS: 1,
});
const never = new AbortController().signal;

/** A ready fleet whose decisions are folded as they are appended. */
function start() {
  const fleet = new Fleet();
  fleet.logFolded();
  fleet.registryRead();
  const stored: unknown[] = [];
  const append: DecisionLog['append'] = async (subject, event) => {
    const seq = fleet.position.foldedSeq + 1;
    stored.push(event.payload);
    const hash = 'h' as Digest;
    fleet.foldDecision({ subject, seq, storedAtMs: 0, hash, event });
    return { kind: 'appended', seq, hash };
  };
  // Accepting appends and does nothing else with the log.
  const decisions = { append } as DecisionLog;
  const deps = { fleet, decisions, clock: manualClock(), newEventId: () => 'e'.repeat(26) as EventId };
  return { fleet, deps, stored };
}

const by = { actor: 'ada', reason: 'history cleaned' };

describe('commits that wait for a person', () => {
  it('are named with the ref at which they were seen', () => {
    const seen = {
      control: { ok: false as const, error: [] },
      sources: new Map([
        ['platform release/1', { commit: commit('b') }],
        ['platform main', { commit: commit('c') }],
      ]),
    };
    // Only the sources of what was seen are asked.
    const waiting = waitingCommits({ ref: 'main', commit: idOf('a') }, seen as never, undefined);
    expect([...waiting]).toEqual([
      ['control', [{ ref: 'main', commit: idOf('a') }]],
      [
        'platform',
        [
          { ref: 'release/1', commit: idOf('b') },
          { ref: 'main', commit: idOf('c') },
        ],
      ],
    ]);
  });

  it('are accepted at that ref, in the log and in the answer, also when asked again', async () => {
    const { deps, fleet, stored } = start();
    fleet.setOutlook({ waiting: new Map([['platform', [{ ref: 'release/1', commit: idOf('b') }]]]) });
    const request = { source: 'platform', commit: 'bbbbbbbb', by };
    const wanted = { source: 'platform', ref: 'release/1', commit: idOf('b') };

    expect(await acceptSource(deps, request, never)).toEqual({ ok: true, value: wanted });
    expect(await acceptSource(deps, request, never)).toEqual({ ok: true, value: wanted });
    expect(stored).toEqual([{ kind: 'source-accepted', ...wanted }]);
  });

  it('keep their ref once they are in force', async () => {
    const { deps, fleet } = start();
    const payload = {
      kind: 'control-adopted',
      commit: commit('a'),
      ref: 'trunk',
      files: {},
      broken: {},
      sources: { 'platform release/1': commit('b') },
    } as const;
    const event = {
      format: 1,
      id: 'f'.repeat(26),
      atMs: 0,
      expectedSeq: 0,
      actor: { kind: 'hub', process: 'x' },
    };
    await deps.decisions.append('flotilla.decisions.control', { ...event, payload } as never, never);
    expect(refOf(fleet, 'platform', idOf('b'))).toBe('release/1');
    expect(refOf(fleet, 'control', idOf('a'))).toBe('trunk');
    expect(refOf(fleet, 'platform', idOf('c'))).toBe('');
  });
});
