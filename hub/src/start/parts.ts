import type { Clock, Random } from '@flotilla/shared/base';
import type { Logger, Metrics } from '@flotilla/shared/kit';
import type { Actor } from '@flotilla/shared/model';
import type { HubConfig } from '../config.ts';
import type { HubIdentity } from '../io/signer/index.ts';
import type { EnrolDeps, PeerJudge } from '../loops/index.ts';
import type { HubHealth } from './health.ts';
import type { HubLoops } from './loops.ts';
import type { HubMetrics } from './metrics.ts';
import type { HubBus } from './open-bus.ts';

/** What a hub process is started with. */
export interface HubOptions {
  readonly config: HubConfig;
  readonly log: Logger;
  /** The PATH variable, for the child NATS server. */
  readonly searchPath: string;
  /** Where the user's command line looks for its hub; undefined = it is told by --data-dir. */
  readonly cliPointer: string | undefined;
}

/** What the parts of the start share. */
export interface Parts {
  readonly options: HubOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly actor: Actor;
  readonly metrics: Metrics;
  readonly counted: HubMetrics;
  readonly startedAtMs: number;
  readonly stack: AsyncDisposableStack;
  /** Aborted when the hub closes. */
  readonly stopping: AbortController;
}

/** What is open before anybody is served. */
export interface Serving extends Parts {
  readonly identity: HubIdentity;
  readonly bus: HubBus;
  readonly health: HubHealth;
  readonly loops: HubLoops;
  readonly peers: PeerJudge;
}

/** What people's side needs to know of the agents' side. */
export interface AgentsServed {
  readonly enrol: EnrolDeps;
  /** host:port of the enrolment listener, as agents dial it. */
  readonly enrolAddress: string;
}

/** Name of a hub process, as it stands in its decisions. */
export function processNameOf(actor: Actor): string {
  return actor.kind === 'hub' ? actor.process : actor.name;
}
