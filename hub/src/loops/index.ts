/**
 * L6: everything that follows, decides and acts in a hub process. Reading order along a commit: fleet-state, fleet-clusters, row-index, fleet-placements, logged-hashes, logged-fleet
 * and fleet (what the process knows), ingest, control-files and control-repo, source-snapshots, rule-facts and place, append,
 * dependents, rollout-evidence, lease, look-turn, turns, look-at, budget-waiters and rollout, ask-checks, signed-rows, session-world to sessions, epoch; beside it enrol/ and the API: api-reads,
 * api-changes, action-refusals and api-actions, operate-refusals and operate-rollout, preview-side and preview-commit, api.
 */
export { createHubApi } from './api.ts';
export { acceptSource } from './api-actions.ts';
export { apiChanges } from './api-changes.ts';
export { CheckAnswers, startAsking } from './ask-checks.ts';
export { cleanUp } from './cleanup.ts';
export { confirmEpoch } from './confirm-epoch.ts';
export { ControlFiles } from './control-files.ts';
export { startControlRepo } from './control-repo.ts';
export {
  createEnrolHandler,
  createRenewHandler,
  type EnrolDeps,
  PeerJudge,
  sweepEnrolment,
} from './enrol/index.ts';
export { type EpochKeeper, startEpoch } from './epoch.ts';
export { Fleet } from './fleet.ts';
export { claimFleet } from './fleet-record.ts';
export { fleetWorld } from './fleet-world.ts';
export { ingestClusters, ingestDecisions, ingestStatus } from './ingest.ts';
export { startLease } from './lease.ts';
export { epochNote } from './look-at.ts';
export { operateRollout } from './operate-rollout.ts';
export { startPlacing } from './place.ts';
export { type PreviewDeps, Previews } from './preview-commit.ts';
export { startRollouts } from './rollout.ts';
export { startSessions } from './sessions.ts';
export { SignedRows } from './signed-rows.ts';
export { SourceSnapshots } from './source-snapshots.ts';
export { untilAnswered } from './until-answered.ts';
