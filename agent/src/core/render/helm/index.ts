/**
 * Helm charts: what Helm is asked for, and what is made of its answer.
 * Reading order: chart, find-calls, calls, remote-schemas, prepare-helm, helm-output, hooks, compare-renders.
 */
export { type ChanceCall, readsClock } from './calls.ts';
export { archivesOf, type Chart } from './chart.ts';
export { compareRenders } from './compare-renders.ts';
export { describeHelmFailure, readHelmOutput } from './helm-output.ts';
export { judgeHooks } from './hooks.ts';
export { type HelmPlan, type HelmRequest, prepareHelm } from './prepare-helm.ts';
