import type { Mutant } from '../mutant.ts';

const rollout = 'hub/src/core/rollout';

/** Breaks of what people ask for, and of what comes of it. */
export const peopleMutants: readonly Mutant[] = [
  {
    id: 'I11-rejected-all-the-same',
    file: `${rollout}/in-force.ts`,
    find: 'const release = isRejected ? stable : asked;',
    replace: 'const release = asked;',
  },
  {
    id: 'I11-lifted-by-any-commit',
    file: `${rollout}/plan-release.ts`,
    find: 'rejected !== undefined && rejected.release !== asked;',
    replace: 'rejected !== undefined;',
  },
  {
    id: 'I12-gives-way',
    file: `${rollout}/new-revision.ts`,
    find: "if (active.plan.rolloutKind === 'rollback') return",
    replace: "if (active.plan.rolloutKind === 'expand') return",
  },
  {
    id: 'I12-needs-git',
    file: `${rollout}/plan-undo.ts`,
    find: "if (evidence.desired.kind === 'absent')",
    replace: "if (evidence.desired.kind !== 'release')",
  },
  {
    id: 'I12-leads-nowhere',
    file: `${rollout}/fold-rejections.ts`,
    find: 'stable: plan.release,',
    replace: 'stable: state.stable,',
  },
  {
    id: 'I20-paused-for-ever',
    file: `${rollout}/fold.ts`,
    find: 'isPaused: payload.paused',
    replace: 'isPaused: true',
  },
  {
    id: 'I20-opens-while-paused',
    file: `${rollout}/run-rollout.ts`,
    find: 'const still = [...(rollout.isPaused ? [paused] : []),',
    replace: 'const still = [...(frozen ? [paused] : []),',
  },
  {
    id: 'I21-pauses-again',
    file: `${rollout}/operate.ts`,
    find: 'isPaused === paused ? []',
    replace: 'isPaused !== isPaused ? []',
  },
  {
    id: 'I21-promotes-again',
    file: `${rollout}/operate.ts`,
    find: 'promotedWave === wave ? []',
    replace: 'promotedWave === -1 ? []',
  },
  {
    id: 'I21-any-sequence',
    file: 'hub/src/loops/operate-rollout.ts',
    find: 'if (isPinned && request.expectedSeq !== state.lastSeq)',
    replace: 'if (isPinned && request.expectedSeq === undefined)',
    caughtIn: 'hub/src/loops/operate-rollout.laws.test.ts',
  },
];
