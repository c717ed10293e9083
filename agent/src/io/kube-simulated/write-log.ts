import { limits } from '@flotilla/shared/base';
import type { ObjectRef } from '@flotilla/shared/model';

/** One write that a client asked for and the simulated server accepted. Dry runs and the controllers' own writes are not here. */
export interface SimulatedWrite {
  readonly atMs: number;
  readonly user: string;
  /** Field manager; '' for deletes. */
  readonly manager: string;
  readonly verb: 'apply' | 'create' | 'patch' | 'delete';
  readonly ref: ObjectRef;
  readonly subresource: '' | 'status';
  /** False for a write that changed nothing: it was asked for, but took no version. */
  readonly isChanged: boolean;
}

/** The writes of one simulated cluster, as its audit log would tell them. */
export interface WriteLog {
  /** The newest writes, oldest first. */
  entries(): readonly SimulatedWrite[];
  /** Writes that are no longer in entries(), because there were too many. */
  readonly dropped: number;
  /** All writes since the start or the last clear(). */
  readonly total: number;
  clear(): void;
}

/** A log that can be written. */
export interface WritableLog extends WriteLog {
  add(write: SimulatedWrite): void;
}

/** Makes an empty log. */
export function createWriteLog(keptMax: number = limits.simulatedWritesMax): WritableLog {
  let entries: SimulatedWrite[] = [];
  let total = 0;
  return {
    entries: () => entries,
    get dropped() {
      return total - entries.length;
    },
    get total() {
      return total;
    },
    add(write) {
      total += 1;
      entries.push(write);
      // In large steps, so that a write costs a constant share of it.
      if (entries.length > keptMax * 1.25) entries = entries.slice(-keptMax);
    },
    clear() {
      entries = [];
      total = 0;
    },
  };
}
