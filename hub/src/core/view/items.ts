/** The documents that are made here; CLI and console read them too, so they are words of the model. */
export {
  type ApiItem,
  type AssignmentItem,
  apiVersion,
  type ClusterItem,
  type Described,
  type FailureGroup,
  type Freshness,
  type GitMistake,
  type ItemMetadata,
  type PlacementItem,
  type ReleaseSummary,
  type RolloutItem,
  type RolloutShownState,
  type RolloutSummary,
  type StateCounts,
  type WaveItem,
} from '@flotilla/shared/model';
