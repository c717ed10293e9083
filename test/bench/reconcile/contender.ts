import type { Application } from './application.ts';

/** Somebody who brings applications to a cluster. */
export interface Contender {
  readonly name: string;
  readonly namespace: string;
  /**
   * Brings the cluster to these applications: those that it has brought before and that are not among them go. What can be
   * done before anything starts (files, commits) is done before; resolves with the moment of the start, monotonic
   * milliseconds, and with a promise of the end as it says itself.
   */
  bring(applications: readonly Application[]): Promise<Started>;
}

/** A bringing under way. */
export interface Started {
  readonly startedMs: number;
  /** The moment at which the contender says that all is done and Ready, monotonic milliseconds. */
  readonly said: Promise<number>;
}
