import type { AdvanceResult, RolloutEvidence } from './evidence.ts';
import type { RolloutState } from './state.ts';

/**
 * What to decide about a placement now. Level-triggered: call it whenever its log, its desired state or evidence of one
 * of its clusters changed, or `wakeAtMs` came. `nowMs` is the hub's wall clock, comparable with the log's stamps.
 */
export function advanceRollout(
  _state: RolloutState,
  _evidence: RolloutEvidence,
  _nowMs: number,
): AdvanceResult {
  throw new Error('being built');
}
