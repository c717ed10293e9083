import type { Mutant } from '../mutant.ts';

const rollout = 'hub/src/core/rollout';

/** Breaks of the log, of what is folded from it, and of the versions that agents see. */
export const recordMutants: readonly Mutant[] = [
  {
    id: 'I4-appends-to-what-it-has-not-judged',
    takesAway: 'conditional append',
    file: 'hub/src/loops/look-at.ts',
    find: 'expectedSeq: expected.own, ...draft',
    replace: '...draft, get expectedSeq() { return deps.fleet.placementOf(name).state.lastSeq; }',
    caughtIn: 'hub/src/loops/look-at.test.ts',
  },
  {
    id: 'I5-an-index-that-forgets-nothing',
    file: 'hub/src/loops/row-index.ts',
    find: 'else this.#placements.get(cluster)?.delete(placement);',
    replace: '',
    caughtIn: 'hub/src/loops/row-index.laws.test.ts',
  },
  {
    id: 'I4-no-condition-on-the-wire',
    takesAway: 'conditional append',
    file: 'shared/src/kit/jetstream/publish.ts',
    find: '...(request.expectedSeq === undefined ?',
    replace: '...(request.expectedSeq !== undefined ?',
    caughtIn: 'test/contracts/decision-log/decision-log.real.test.ts',
  },
  {
    id: 'I5-twice-is-twice',
    file: `${rollout}/fold.ts`,
    find: 'if (stored.seq <= state.lastSeq) return state;',
    replace: 'if (stored.seq < state.lastSeq) return state;',
  },
  {
    id: 'I5-local-clock',
    file: `${rollout}/fold.ts`,
    find: 'Math.max(state.timeMs, stored.storedAtMs)',
    replace: 'Math.max(state.timeMs, Date.now())',
  },
  {
    id: 'I6-older-is-taken',
    takesAway: "the agent's version check",
    file: 'agent/src/core/session/judge-delta.ts',
    find: 'if (order > 0 || (order === 0',
    replace: 'if (order !== 0 || (order === 0',
    caughtIn: 'agent/src/core/session/step.laws.test.ts',
  },
  {
    id: 'I6-version-of-the-plan',
    file: `${rollout}/fold-rows.ts`,
    find: 'seq: stored.seq };',
    replace: 'seq: rollout.plannedSeq };',
    caughtIn: `${rollout}/rollout.laws.test.ts`,
  },
  {
    id: 'I23-a-waiting-placement-that-nobody-looks-at',
    file: `${rollout}/only-newer.ts`,
    find: 'notes.length === 0 && isAtRest(state)',
    replace: 'isAtRest(state)',
    caughtIn: `${rollout}/only-newer.laws.test.ts`,
  },
  {
    id: 'I23-by-commit',
    file: `${rollout}/wanted.ts`,
    find: 'row.target.variant.digest === digest) continue;',
    replace: 'row.target.variant.content.commit.id === desired.release.commit.id) continue;',
  },
  {
    id: 'I23-runs-anew',
    file: `${rollout}/plan-release.ts`,
    find: 'if (active?.plan.release?.digest === wanted.release.digest) return',
    replace: 'if (active?.plan.release?.commit.id === wanted.release.commit.id) return',
  },
  {
    id: 'I24-claims-are-ignored',
    file: 'hub/src/core/session/claims.ts',
    find: 'claim.version.epoch < log.epoch) continue;',
    replace: 'claim.version.epoch <= log.epoch) continue;',
  },
  {
    id: 'I24-lag-is-fine',
    file: 'hub/src/core/session/claims.ts',
    find: 'if (claim.version.seq > log.foldedSeq) {',
    replace: 'if (claim.version.seq > log.foldedSeq + 99) {',
  },
  {
    id: 'I24-a-fork-is-fine',
    file: 'hub/src/core/session/claims.ts',
    find: 'if (claim.eventHash !== row.proof.eventHash) return',
    replace: 'if (claim.eventHash === undefined) return',
  },
  {
    id: 'I24-epochs-are-nothing',
    file: 'shared/src/model/assignment.ts',
    find: 'return left.epoch - right.epoch || left.seq - right.seq;',
    replace: 'return left.seq - right.seq;',
    caughtIn: 'agent/src/core/session/judge-delta.laws.test.ts',
  },
  {
    id: 'I24-adopts-what-this-epoch-made',
    file: 'hub/src/core/epoch/adopt-held.ts',
    find: 'claim.version.epoch >= adopting.epoch || isExplained',
    replace: 'claim.version.epoch > adopting.epoch || isExplained',
    caughtIn: 'hub/src/core/epoch/adopt-held.laws.test.ts',
  },
  {
    id: 'I24-another-decision-explains',
    file: 'hub/src/core/epoch/adopt-held.ts',
    find: 'order > 0 || (order === 0 && row.eventHash === claim.eventHash);',
    replace: 'order >= 0;',
    caughtIn: 'hub/src/core/epoch/adopt-held.laws.test.ts',
  },
  {
    id: 'I18-a-late-look-at-git-wins',
    takesAway: 'conditional append',
    file: 'hub/src/loops/control-repo.ts',
    find: 'expectedSeq: from.lastSeq,',
    replace: 'expectedSeq: deps.fleet.control.lastSeq,',
    caughtIn: 'hub/src/loops/control-repo-late.test.ts',
  },
];
