import type { Mutant } from '../mutant.ts';

const rollout = 'hub/src/core/rollout';

/** Breaks of what opens a wave, passes it, or halts the rollout. */
export const gateMutants: readonly Mutant[] = [
  {
    id: 'I1-any-version',
    takesAway: 'exact-version evidence',
    file: `${rollout}/judge-cluster.ts`,
    find: 'compareVersions(one.report.version, row.version) !== 0',
    replace: 'false',
  },
  {
    id: 'I1-no-soak',
    file: `${rollout}/judge-cluster.ts`,
    find: 'report.healthyForMs >= soakMs',
    replace: 'report.healthyForMs >= 0',
  },
  {
    id: 'I1-who-moves-is-settled',
    file: `${rollout}/run-rollout.ts`,
    find: 'judged.soaking.length + judged.moving.length + judged.unknown.length > 0;',
    replace: 'judged.soaking.length + judged.unknown.length > 0;',
  },
  {
    id: 'I1-one-failure-more',
    file: `${rollout}/judge-wave.ts`,
    find: 'if (count > max) {',
    replace: 'if (count > max + 1) {',
  },
  {
    id: 'I8-impaired-hub-begins',
    file: `${rollout}/impaired.ts`,
    find: "hubHealthySinceMs !== undefined || about.kind === 'rollback'",
    replace: 'true',
  },
  {
    id: 'I3-who-joins-starts',
    file: `${rollout}/admit-joiners.ts`,
    find: "rollout.status.kind === 'planned' || rollout.status.kind === 'halted') return false;",
    replace: "rollout.status.kind === 'planned') return false;",
  },
  {
    id: 'I3-who-returns-starts',
    file: `${rollout}/admit-returned.ts`,
    find: "rollout.isPaused || status.kind === 'halted' ||",
    replace: 'rollout.isPaused ||',
  },
  {
    id: 'I4-open-is-forgotten',
    file: `${rollout}/fold-rows.ts`,
    find: "if (payload.kind === 'wave-opened') {",
    replace: "if (payload.kind !== 'wave-opened') {",
  },
  {
    id: 'I4-same-wave-again',
    file: `${rollout}/run-rollout.ts`,
    find: '? openWave(moment, rollout.status.wave + 1)',
    replace: '? openWave(moment, rollout.status.wave)',
  },
  {
    id: 'I8-stale',
    takesAway: 'freshness',
    file: `${rollout}/judge-cluster.ts`,
    find: '!one.isFresh || one.report === undefined',
    replace: 'one.report === undefined',
  },
  {
    id: 'I8-no-success-needed',
    file: `${rollout}/judge-wave.ts`,
    find: 'return judged.proven.length > 0 && counted',
    replace: 'return counted',
  },
  {
    id: 'I8-nobody-proves',
    file: `${rollout}/run-rollout.ts`,
    find: "if (hasSuccess || (isLast && plan.rolloutKind === 'withdraw')) return undefined;",
    replace: "if (hasSuccess || isLast || plan.rolloutKind === 'withdraw') return undefined;",
  },
  {
    id: 'I9-for-ever',
    file: `${rollout}/gate.ts`,
    find: 'return atMs !== undefined && nowMs - atMs <= approvalLifeMs;',
    replace: 'return atMs !== undefined;',
  },
  {
    id: 'I8-a-check-never-ages',
    file: `${rollout}/gate.ts`,
    find: 'one.name) <= nowMs);',
    replace: 'one.name) <= 0);',
    caughtIn: `${rollout}/check-gate.test.ts`,
  },
  {
    id: 'I9-survives-a-halt',
    file: `${rollout}/fold.ts`,
    find: 'approvals: new Map(),',
    replace: 'approvals: rollout.approvals,',
  },
  {
    id: 'I9-before-the-checks',
    file: `${rollout}/gate.ts`,
    find: 'if (unasked !== undefined) return',
    replace: 'if (unasked !== undefined && after.length === 0) return',
  },
  {
    id: 'I10-window-unseen',
    file: `${rollout}/starts.ts`,
    find: 'const window = why === undefined && !isExempt ?',
    replace: 'const window = why === undefined && isExempt ?',
  },
  {
    id: 'I10-joiners-unseen',
    file: `${rollout}/admit-joiners.ts`,
    find: 'const joiners = here.filter((one) => !isClosed(one));',
    replace: 'const joiners = here;',
  },
  {
    id: 'I13-skips-a-wave',
    file: `${rollout}/run-rollout.ts`,
    find: '? openWave(moment, rollout.status.wave + 1)',
    replace: '? openWave(moment, rollout.status.wave + 2)',
  },
  {
    id: 'I13-inherits-a-promotion',
    file: `${rollout}/fold-lifecycle.ts`,
    find: 'promotedWave: undefined,',
    replace: 'promotedWave: 0,',
  },
  {
    id: 'I13-joiners-run-ahead',
    file: `${rollout}/admit-joiners.ts`,
    find: 'isReached && isLastOfStage ? current : current - 1;',
    replace: 'current;',
  },
  {
    id: 'I17-joiners-fail-a-share',
    file: `${rollout}/judge-wave.ts`,
    find: 'const counted = isShare ?',
    replace: 'const counted = !isShare ?',
  },
  {
    id: 'I17-joiners-widen-the-share',
    file: `${rollout}/judge-wave.ts`,
    find: 'const planned = waves.reduce((sum, wave) => sum + wave.clusters.length, 0);',
    replace: 'const planned = rollout.clusters.size;',
  },
  {
    id: 'I10-urgent-everywhere',
    file: 'hub/src/core/window/change-windows.ts',
    find: "return kind === 'urgent' && exempt.includes('urgent') &&",
    replace: "return kind === 'urgent' &&",
    caughtIn: 'hub/src/core/window/change-windows.laws.test.ts',
  },
  {
    id: 'I1-urgent-without-soak',
    file: `${rollout}/judge-wave.ts`,
    find: 'const isHurried = isUrgent(state, rollout) && verdict',
    replace: 'const isHurried = isUrgent(state, rollout) || verdict',
  },
];
