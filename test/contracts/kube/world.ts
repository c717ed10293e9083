import type { KubePort } from '@flotilla/agent/ports';

/** A cluster that the contract suite runs on. */
export interface ContractWorld {
  /** A port for the agent's user. Watches ask for bookmarks within `watchMs`. */
  readonly port: KubePort;
  /** Waits until a condition holds; throws with `what` when it does not within the deadline. */
  until(what: string, condition: () => Promise<boolean>): Promise<void>;
  /** Ends what the world started. */
  close(): Promise<void>;
}

/** What a case needs of its cluster. */
export type Needs = 'api-server' | 'controllers';
