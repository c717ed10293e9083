import type { MemoryBucket, MemoryDecisionLog, MemoryGossip, MemoryStatusStream } from '../fakes/index.ts';
import type { ControlRepository } from './control-repository.ts';
import type { Trace } from './trace.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What all processes of a world share. */
export interface Surroundings {
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly log: MemoryDecisionLog;
  readonly status: MemoryStatusStream;
  readonly clusters: MemoryBucket;
  /** Where hub processes hear each other. */
  readonly gossip: MemoryGossip;
  readonly repository: ControlRepository;
  /** A process broke one of its own rules. */
  broke(what: string, error: unknown): void;
}
