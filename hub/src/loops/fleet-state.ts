import type { ClusterName, ClusterUid, GitId, PlacementName } from '@flotilla/shared/base';
import type { ControlAdopted, Reasoned } from '@flotilla/shared/model';
import {
  type Acceptance,
  type ChangeWindows,
  type ChangingCaps,
  type DesiredPlacement,
  emptyRolloutState,
  type KnownPlacement,
  type LocatedError,
  type PlacementSpec,
  type ResolvedPlacement,
} from '../core/index.ts';
import type { StoredDecision } from '../ports.ts';

/** Where the control repository stands: what is in force, and what the last look at it said. */
export interface ControlState {
  /** Last adoption in the log; undefined before the first. */
  readonly adopted: ControlAdopted | undefined;
  /** Its sequence; 0 before the first. */
  readonly adoptedSeq: number;
  /** Last sequence of the `control` subject; what the next append must expect. */
  readonly lastSeq: number;
  /** Commits that a person accepted, by source name, and who. */
  readonly accepted: ReadonlyMap<string, ReadonlyMap<GitId, Acceptance>>;
}

/** What the last look at Git said, for people. In memory only. */
export interface ControlOutlook {
  /** Mistakes in files at the newest commit. */
  readonly errors: readonly LocatedError[];
  /** What waits for a person. */
  readonly held: readonly Reasoned[];
  /** Newest commits that are seen but not in force, by source name: those that a person may accept. */
  readonly waiting: ReadonlyMap<string, readonly WaitingCommit[]>;
  /** Why the repository could not be read; undefined = it could. */
  readonly failure: Reasoned | undefined;
  /** When it was last read without failure, wall clock milliseconds; undefined = never in this process. */
  readonly readAtMs: number | undefined;
}

/** A commit that is seen at a ref and not in force. */
export interface WaitingCommit {
  readonly ref: string;
  readonly commit: GitId;
}

/** What a look at one placement gave: its rule and what is wanted. */
export interface PlacementOutlook {
  readonly spec: PlacementSpec | undefined;
  /** Undefined when the rule is gone. */
  readonly resolved?: ResolvedPlacement | undefined;
  readonly desired: DesiredPlacement;
  readonly errors: readonly LocatedError[];
}

/** What the files in force say for all placements together. */
export interface FleetRules {
  /** The adoption that they are of. */
  readonly adoptedSeq: number;
  readonly caps: ChangingCaps;
  readonly windows: ChangeWindows;
}

/** How far a hub process has read. */
export interface FleetPosition {
  /** The fleet's epoch; 0 before the first epoch event. */
  readonly epoch: number;
  readonly foldedSeq: number;
  readonly isLogFolded: boolean;
  readonly isRegistryRead: boolean;
  readonly isStatusRead: boolean;
}

/** A cluster whose registration came, changed or went; the name is undefined for one that was never known. */
export interface ChangedCluster {
  readonly uid: ClusterUid;
  readonly name: ClusterName | undefined;
}

/** Before the log was read. */
export const noControl: ControlState = { adopted: undefined, adoptedSeq: 0, lastSeq: 0, accepted: new Map() };

/** Before Git was looked at. */
export const noOutlook: ControlOutlook = {
  errors: [],
  held: [],
  waiting: new Map(),
  failure: undefined,
  readAtMs: undefined,
};

/** Before anything was read. */
export const startPosition: FleetPosition = {
  epoch: 0,
  foldedSeq: 0,
  isLogFolded: false,
  isRegistryRead: false,
  isStatusRead: false,
};

const unlooked: DesiredPlacement = {
  kind: 'unresolved',
  reasons: [{ code: 'Starting', text: 'this hub process has not looked at it yet', subject: 'hub' }],
};

/** A placement that this process has not looked at yet, and whose log is empty. */
export function unknownPlacement(name: PlacementName): KnownPlacement {
  return { spec: undefined, state: emptyRolloutState(name), desired: unlooked, errors: [], notes: [] };
}

/** Whether what happens to a cluster may change what is decided about a placement. */
export function concerns({ desired, state }: KnownPlacement, uid: ClusterUid): boolean {
  return state.rows.has(uid) || (desired.kind === 'release' && desired.targets.has(uid));
}

/** Takes an event of the `control` subject; undefined = it belongs to another subject. */
export function foldControl(
  control: ControlState,
  { event, seq, storedAtMs }: Pick<StoredDecision, 'event' | 'seq' | 'storedAtMs'>,
): ControlState | undefined {
  const { actor, payload } = event;
  switch (payload.kind) {
    case 'control-adopted':
      return { ...control, adopted: payload, adoptedSeq: seq, lastSeq: seq };
    case 'source-accepted': {
      const acceptance = { actor, atMs: storedAtMs };
      const commits = new Map(control.accepted.get(payload.source)).set(payload.commit, acceptance);
      return { ...control, lastSeq: seq, accepted: new Map(control.accepted).set(payload.source, commits) };
    }
    default:
      return undefined;
  }
}

/** Whether two looks at Git say the same; when they were does not count. */
export function isSameOutlook(before: ControlOutlook, after: ControlOutlook): boolean {
  return JSON.stringify({ ...before, readAtMs: 0 }) === JSON.stringify({ ...after, readAtMs: 0 });
}

/** Subject of one placement's decisions. */
export function placementSubject(name: PlacementName): string {
  return `flotilla.decisions.p.${name}`;
}

/** The placement whose decisions a subject holds. */
export function placementNameOf(subject: string): PlacementName {
  // The adapter reads only flotilla.decisions.>, and placement events are appended under placementSubject() alone.
  return subject.slice(subject.lastIndexOf('.') + 1) as PlacementName;
}
