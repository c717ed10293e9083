import type { KubeStatus } from '../../kube-status.ts';

/** One request as a fault rule sees it. */
export interface SimulatedRequest {
  readonly verb: 'get' | 'list' | 'watch' | 'apply' | 'create' | 'patch' | 'delete' | 'discover';
  readonly user: string;
  readonly group: string;
  /** Plural name; '' for discovery. */
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}

/** Answers a request in the server's place (403, 429, 500, a webhook's denial), or lets it pass with undefined. */
export type RefusalRule = (request: SimulatedRequest) => KubeStatus | undefined;

/** What can go wrong on purpose. */
export interface SimulatedFaults {
  /** Ends every open watch, as a lost connection does. */
  dropWatches(): void;
  /** Forgets all changes: watches from older versions are answered with 410 Expired. */
  expireVersions(): void;
  /** While false every request fails as if nobody listened, and watches end. */
  setReachable(isReachable: boolean): void;
  /** Adds a rule; returns the function that takes it away. */
  refuse(rule: RefusalRule): () => void;
  /** Stops and starts the simulated controllers: status is then written by nobody. */
  setControllersRunning(isRunning: boolean): void;
}
