import type { Reasoned } from '@flotilla/shared/model';
import type { RolloutEvidence } from './evidence.ts';
import type { Rollout, RolloutState } from './state.ts';

/** One rollout at one moment. */
export interface RolloutMoment {
  readonly state: RolloutState;
  readonly rollout: Rollout;
  readonly evidence: RolloutEvidence;
  readonly nowMs: number;
  /** Why no cluster may start now, though nobody paused the rollout; absent = they may. */
  readonly frozen?: Reasoned | undefined;
}
