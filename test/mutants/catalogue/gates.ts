import type { Mutant } from '../mutant.ts';

const rollout = 'hub/src/core/rollout';
const gates = `${rollout}/gates.laws.test.ts`;

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
    caughtIn: gates,
  },
  {
    id: 'I10-urgent-everywhere',
    file: 'hub/src/core/window/change-windows.ts',
    find: "const isExempt = kind === 'urgent' && exempt.includes('urgent') &&",
    replace: "const isExempt = kind === 'urgent' &&",
    caughtIn: 'hub/src/core/window/change-windows.laws.test.ts',
  },
  {
    id: 'I1-urgent-without-soak',
    file: `${rollout}/judge-wave.ts`,
    find: 'const isHurried = isUrgent(state, rollout) && verdict',
    replace: 'const isHurried = isUrgent(state, rollout) || verdict',
  },
];
