/**
 * L2: the nouns of the product as plain data, and the pure functions that belong to them.
 * Reading order: cluster, selector, check, strategy, assignment, declared-variables, commit-trailer, digests, ssh-url, signer, release, decision, state, report, fingerprint, kube-object,
 * then what identity and the bus are called: join-token, spiffe, bus-subjects; then what the API says: api-item, api-items,
 * api-rollout-items, api-plan, api-status, problem, cli-context.
 */

export * from './api-explanation.ts';
export * from './api-item.ts';
export * from './api-items.ts';
export type * from './api-plan.ts';
export type * from './api-rollout-items.ts';
export * from './api-status.ts';
export * from './assignment.ts';
export * from './bus-subjects.ts';
export * from './check.ts';
export * from './cli-context.ts';
export * from './cluster.ts';
export { urgentIn } from './commit-trailer.ts';
export * from './decision.ts';
export type { BudgetDecision, BudgetShare } from './decision-budget.ts';
export type * from './decision-epoch.ts';
export type * from './decision-operations.ts';
export type * from './decision-withdraw.ts';
export * from './declared-variables.ts';
export * from './digests.ts';
export * from './fingerprint.ts';
export * from './frames.ts';
export * from './join-token.ts';
export * from './kube-object.ts';
export * from './problem.ts';
export * from './release.ts';
export * from './report.ts';
export type * from './rollout-counts.ts';
export * from './selector.ts';
export { parseSigner, parseSigners, type Signer } from './signer.ts';
export * from './spiffe.ts';
export { formatSshUrl, isSshUrl, parseSshUrl, type SshUrl } from './ssh-url.ts';
export * from './state.ts';
export * from './strategy.ts';
export * from './stream-times.ts';
