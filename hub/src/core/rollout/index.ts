/**
 * How a placement moves from one release to another: the log folds into a state, and state and evidence give the next
 * decisions. Reading order: state, evidence, fold (fold-lifecycle, fold-rows, fold-checks, phases); desired; then advance and what it
 * asks in this order (by-facts: what facts alone must not take away; operate says what a person's word means; urgent what hurries): plan-withdraw, plan-release (wanted, strategies, order-targets, plan-waves), run-rollout (moment,
 * at-gate, gate, check-question, check-reply, check-asking, judge-cluster, judge-wave, admit-returned), admit-joiners; report-news says which reports need a look at all, only-newer which commits and rules.
 */
export { advanceRollout, needsReports } from './advance.ts';
export { gateCodes } from './at-gate.ts';
export { previousMatch } from './by-facts.ts';
export { isChangeOver } from './change-over.ts';
export { type Asking, afterTry, beginAsking, tryMs } from './check-asking.ts';
export { checkQuestion } from './check-question.ts';
export { type JudgedReply, judgeReply } from './check-reply.ts';
export * from './desired.ts';
export type * from './evidence.ts';
export { findRollout, foldRollout } from './fold.ts';
export { type DueCheck, dueChecks, nextAskMs } from './gate.ts';
export { type ClusterVerdict, graceMs, judgeCluster } from './judge-cluster.ts';
export { judgeWave, soakOf, type WaveJudgement } from './judge-wave.ts';
export { isBeyondRules, isOnlyNewer } from './only-newer.ts';
export { type Operated, type OperationAsked, operateRollout, type RolloutOperation } from './operate.ts';
export { countPhases } from './phases.ts';
export { canaryLabel, planWaves, type WaveTarget } from './plan-waves.ts';
export { withdrawStrategy } from './plan-withdraw.ts';
export { isRipening, isSameWord } from './report-news.ts';
export * from './state.ts';
export { isUrgent, soakFor, type Urgency } from './urgent.ts';
