/**
 * Checks of a rollout's stage (PROTOCOL.md 3.9, shared/adr/0013): what is asked, of what, and what came of it.
 * Reading order: check-answer, judge-checks (all of an assignment together), object-check (kstatus and CEL), job-run (what
 * is remembered of Jobs), job-manifest, job-end, plan-job (the next step of one Job check).
 */
export type { CheckAnswer } from './check-answer.ts';
export { checkPauseMs } from './check-answer.ts';
export { endedText, podsText } from './job-end.ts';
export { isOwnJob, type JobCheckContext, type JobToRun, jobFor } from './job-manifest.ts';
export {
  emptyRuns,
  encodeRuns,
  type JobRun,
  type JobRuns,
  leftoverRuns,
  parseRuns,
  runOf,
  withoutRun,
  withRun,
} from './job-run.ts';
export { type ChecksVerdict, judgeChecks, unaskedChecks } from './judge-checks.ts';
export { judgeCelCheck, judgeKstatusCheck, type LocatedObject, locateObject } from './object-check.ts';
export { type JobSight, type JobStep, planJob } from './plan-job.ts';
