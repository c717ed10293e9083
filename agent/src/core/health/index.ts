/**
 * Whether objects are as their manifests ask. kstatus' rules first, exactly; then the gaps, as named rules of our own.
 * Reading order: verdict, fields, kstatus (order of evaluation), workload-rules, other-rules, gap-rules, pod-troubles,
 * health-rules (of placements, in CEL), judge, strip.
 */
export { fieldAt, findCondition, textAt } from './fields.ts';
export { firstStatusGraceMs } from './gap-rules.ts';
export { type CompiledRule, celDataOf, compileRules, whyNoAnswer } from './health-rules.ts';
export type { Health, ObservedObject, Sight } from './judge.ts';
export { judge, judgeObject } from './judge.ts';
export { judgeAsUpstream, judgeCurrency } from './kstatus.ts';
export type { PodTrouble } from './pod-troubles.ts';
export { findPodTroubles } from './pod-troubles.ts';
export { needsMetadataOnly, stripForHealth, wholeForRules } from './strip.ts';
export type { HealthStatus, Verdict } from './verdict.ts';
