/**
 * One look at one assignment: read the row, have its content, plan, perform, judge, report.
 * Reading order: reconcile (the look), assignment-memory (what is kept between looks), load-content, render-row, render-files, render-helm,
 * place-content, trial, load-rules, plan-rounds, live-view, scope-sight, execute (execute-apply, execute-delete), observe-health,
 * check-memory, observe-checks (ask-object, ask-job, sweep-jobs, stray-jobs), explain-drift, assignment-status; held-memories and wanted-index know all assignments.
 */
export { type AssignmentMemory, clearAttempts } from './assignment-memory.ts';
export { updateReport } from './assignment-status.ts';
export { askSoon } from './check-memory.ts';
export { HeldMemories } from './held-memories.ts';
export { watchNeeds } from './live-view.ts';
export { waitsForFoundation } from './plan-rounds.ts';
export { adoptParentScope, reconcileAssignment } from './reconcile.ts';
export { renderFiles } from './render-files.ts';
export { StrayJobs } from './stray-jobs.ts';
export { WantedIndex } from './wanted-index.ts';
