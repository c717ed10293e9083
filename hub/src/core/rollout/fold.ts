import type { RolloutState, StoredPlacementEvent } from './state.ts';

/** Takes one event of the placement's subject into its state. Events come in the log's order, each once; an older one is ignored. */
export function foldRollout(_state: RolloutState, _stored: StoredPlacementEvent): RolloutState {
  throw new Error('being built');
}
