import type { ObjectRef } from '@flotilla/shared/model';
import type { ClusterWrites, JoiningCluster } from './questions.ts';

/** The clusters of a demo and their agents, simulated or real: what the acts need of them. */
export interface DemoClusters extends AsyncDisposable {
  readonly isSimulated: boolean;
  /** Starts the agents; each joins by its line, or goes on with the identity of an earlier run when it has none. */
  start(joining: readonly JoiningCluster[]): Promise<void>;
  /** From here on `writes` counts; resolves when no agent has anything left to write of what came before. */
  mark(): Promise<void>;
  /** Writes of each cluster's agent since the mark, Leases apart; in one namespace only when it is named. */
  writes(namespace?: string): Promise<readonly ClusterWrites[]>;
  /** A hand edit: a merge patch by the field manager of `kubectl edit`. */
  edit(cluster: string, ref: ObjectRef, patch: object): Promise<void>;
  /** The object as the cluster has it; undefined when it has none. */
  get(cluster: string, ref: ObjectRef): Promise<unknown>;
  /** Takes the agent away; its cluster goes on. */
  offline(cluster: string): Promise<void>;
  /** Brings it back. */
  online(cluster: string): Promise<void>;
}

/** Field manager of the hand edits. */
export const editor = 'kubectl-edit';
