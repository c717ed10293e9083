/**
 * What the commands do, one file each; a command is loaded when it runs, so that a start costs only what it needs.
 * Reading order: get (lists), watch (what `get -w` goes on with), describe, why, why-not, validate, test, plan, status,
 * join-command, remove-cluster, accept-source, confirm-epoch, rollout-target (what a NAME means), rollout-verdict, rollout-status, rollout-watch, operate-rollout,
 * approve-prune, wait-verdict, wait-target, wait, history, version.
 */
export const commands = {
  get: () => import('./get.ts'),
  describe: () => import('./describe.ts'),
  why: () => import('./why.ts'),
  whyNot: () => import('./why-not.ts'),
  validate: () => import('./validate.ts'),
  test: () => import('./test.ts'),
  plan: () => import('./plan.ts'),
  status: () => import('./status.ts'),
  joinCommand: () => import('./join-command.ts'),
  removeCluster: () => import('./remove-cluster.ts'),
  acceptSource: () => import('./accept-source.ts'),
  confirmEpoch: () => import('./confirm-epoch.ts'),
  rolloutStatus: () => import('./rollout-status.ts'),
  rolloutWatch: () => import('./rollout-watch.ts'),
  operateRollout: () => import('./operate-rollout.ts'),
  approvePrune: () => import('./approve-prune.ts'),
  wait: () => import('./wait.ts'),
  history: () => import('./history.ts'),
  version: () => import('./version.ts'),
};
