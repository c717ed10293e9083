import type { ClusterName, ClusterUid, GitId, PlacementName } from '@flotilla/shared/base';
import type {
  Actor,
  Cluster,
  ControlAdopted,
  PlacementDecision,
  Presence,
  Reasoned,
  RejectedRow,
  Report,
} from '@flotilla/shared/model';
import {
  type ClusterView,
  clustersChanged,
  type DesiredPlacement,
  emptyClusterView,
  emptyRolloutState,
  type FleetSnapshot,
  foldPresence,
  foldRejections,
  foldReport,
  foldRollout,
  isFresh,
  type KnownCluster,
  type KnownPlacement,
  type LocatedError,
  type PlacementSpec,
  type ReportVersion,
} from '../core/index.ts';
import type { StoredDecision } from '../ports.ts';
import { listeners } from './listeners.ts';

/** Where the control repository stands: what is in force, and what the last look at it said. */
export interface ControlState {
  /** Last adoption in the log; undefined before the first. */
  readonly adopted: ControlAdopted | undefined;
  /** Last sequence of the `control` subject; what the next append must expect. */
  readonly lastSeq: number;
  /** Commits that a person accepted, by source name, and who. */
  readonly accepted: ReadonlyMap<string, ReadonlyMap<GitId, Actor>>;
}

/** What the last look at Git said, for people. In memory only. */
export interface ControlOutlook {
  /** Mistakes in files at the newest commit. */
  readonly errors: readonly LocatedError[];
  /** What waits for a person. */
  readonly held: readonly Reasoned[];
  /** Newest commits that are seen but not in force, by source name: those that a person may accept. */
  readonly waiting: ReadonlyMap<string, readonly GitId[]>;
  /** Why the repository could not be read; undefined = it could. */
  readonly failure: Reasoned | undefined;
  /** When it was last read without failure, wall clock milliseconds; undefined = never in this process. */
  readonly readAtMs: number | undefined;
}

/** What a look at one placement gave: its rule and what is wanted. */
export interface PlacementOutlook {
  readonly spec: PlacementSpec | undefined;
  readonly desired: DesiredPlacement;
  readonly errors: readonly LocatedError[];
}

/** How far a hub process has read. */
export interface FleetPosition {
  /** The fleet's epoch; 0 before the first epoch event. */
  readonly epoch: number;
  readonly epochSeq: number;
  readonly foldedSeq: number;
  readonly isLogFolded: boolean;
  readonly isRegistryRead: boolean;
}

const unlooked: DesiredPlacement = {
  kind: 'unresolved',
  reasons: [{ code: 'Starting', text: 'this hub process has not looked at it yet', subject: 'hub' }],
};

/**
 * Everything this hub process knows, folded from log, bucket, reports and streams; nothing in it cannot be rebuilt.
 * Loops change it through the methods and hear of changes through the listeners.
 */
export class Fleet {
  readonly #clusters = new Map<ClusterUid, KnownCluster>();
  readonly #placements = new Map<PlacementName, KnownPlacement>();
  readonly #registered = new Map<ClusterUid, Cluster>();
  readonly #removed = new Set<ClusterUid>();
  readonly #position: { -readonly [key in keyof FleetPosition]: FleetPosition[key] } = {
    epoch: 0,
    epochSeq: 0,
    foldedSeq: 0,
    isLogFolded: false,
    isRegistryRead: false,
  };
  #control: ControlState = { adopted: undefined, lastSeq: 0, accepted: new Map() };
  #outlook: ControlOutlook = {
    errors: [],
    held: [],
    waiting: new Map(),
    failure: undefined,
    readAtMs: undefined,
  };

  /** Clusters whose rows changed. */
  readonly onRows = listeners<readonly ClusterUid[]>();
  /** A placement whose log, rule or evidence changed. */
  readonly onPlacement = listeners<PlacementName>();
  /** What of Git is in force changed, or a person accepted a commit. */
  readonly onControl = listeners<void>();
  /** A registration came, changed or went: the cluster's name; undefined when all were read. */
  readonly onClusters = listeners<ClusterName | undefined>();
  /** What a cluster reports, or where its stream stands, changed. */
  readonly onView = listeners<ClusterUid>();
  /** What the last look at Git said changed. */
  readonly onOutlook = listeners<void>();
  /** This process may speak for the fleet from now on. */
  readonly onReady = listeners<void>();
  /** The sequence folded last. */
  readonly onFolded = listeners<number>();

  /** What people see is made from these two maps. */
  readonly snapshot: FleetSnapshot = { clusters: this.#clusters, placements: this.#placements };

  /** Registered clusters as their records say, without Cluster documents. */
  get registered(): ReadonlyMap<ClusterUid, Cluster> {
    return this.#registered;
  }

  /** Clusters whose registration a person deleted. */
  get removed(): ReadonlySet<ClusterUid> {
    return this.#removed;
  }

  /** How far log and registrations are read. */
  get position(): FleetPosition {
    return this.#position;
  }

  /** Where the control repository stands in the log. */
  get control(): ControlState {
    return this.#control;
  }

  /** What the last look at Git said. */
  get outlook(): ControlOutlook {
    return this.#outlook;
  }

  /** True when this process may speak for the fleet: the log and the registrations are read to their ends. */
  get isReady(): boolean {
    return this.#position.isLogFolded && this.#position.isRegistryRead;
  }

  /** What is known of a placement; an empty state for an unknown one. */
  placementOf(name: PlacementName): KnownPlacement {
    const known = this.#placements.get(name);
    if (known) return known;
    return { spec: undefined, state: emptyRolloutState(name), desired: unlooked, errors: [], notes: [] };
  }

  /** The log was read to the end that it had at start. */
  logFolded(): void {
    this.#position.isLogFolded = true;
    this.#tellReady();
  }

  /** The registrations were read to the end that they had at start. */
  registryRead(): void {
    this.#position.isRegistryRead = true;
    this.#tellReady();
  }

  /** Takes one event of the log, in order. */
  foldDecision(stored: StoredDecision): void {
    const { payload } = stored.event;
    switch (payload.kind) {
      case 'control-adopted':
        this.#control = { ...this.#control, adopted: payload, lastSeq: stored.seq };
        this.onControl.tell();
        break;
      case 'source-accepted':
        this.#control = {
          ...this.#control,
          lastSeq: stored.seq,
          accepted: accept(this.#control, payload, stored.event.actor),
        };
        this.onControl.tell();
        break;
      case 'epoch-raised':
        this.#position.epoch = payload.epoch;
        this.#position.epochSeq = stored.seq;
        break;
      default:
        this.#foldPlacement(stored, payload);
    }
    this.#position.foldedSeq = stored.seq;
    this.onFolded.tell(stored.seq);
  }

  /** A registration was written (`cluster`), or a person deleted it (undefined). */
  setRegistration(uid: ClusterUid, cluster: Cluster | undefined, nowMs: number): void {
    const name = cluster?.name ?? this.#registered.get(uid)?.name;
    if (cluster === undefined) {
      this.#registered.delete(uid);
      this.#clusters.delete(uid);
      this.#removed.add(uid);
    } else {
      const known = this.#clusters.get(uid);
      this.#registered.set(uid, cluster);
      this.#removed.delete(uid);
      this.#clusters.set(uid, {
        cluster: known?.cluster ?? cluster,
        view: known?.view ?? emptyClusterView(nowMs),
      });
    }
    if (!this.#position.isRegistryRead) return;
    this.onClusters.tell(name);
    this.#tellAllPlacements();
  }

  /** Cluster documents of Git were applied. */
  setClusters(applied: readonly Cluster[], nowMs: number): void {
    for (const cluster of applied) {
      if (!this.#registered.has(cluster.uid)) continue;
      const view = this.#clusters.get(cluster.uid)?.view ?? emptyClusterView(nowMs);
      this.#clusters.set(cluster.uid, { cluster, view });
    }
  }

  /** Takes a report; wakes the placements that it speaks of. */
  foldReport(uid: ClusterUid, report: Report, storedAtMs: number): void {
    const before = this.#clusters.get(uid)?.view;
    const after = this.#changeView(uid, (view) => foldReport(view, report, storedAtMs));
    if (!after) return;
    const names = new Set([...(before?.byPlacement.keys() ?? []), ...after.view.byPlacement.keys()]);
    for (const name of names) this.onPlacement.tell(name);
  }

  /** Takes what a stream says; wakes the placements of a cluster that came or went. */
  foldPresence(
    uid: ClusterUid,
    seen: { readonly presence: Presence; readonly announced: ReportVersion | undefined },
    nowMs: number,
  ): void {
    const before = this.#clusters.get(uid)?.view;
    const after = this.#changeView(uid, (view) => foldPresence(view, seen, nowMs));
    if (
      !before ||
      !after ||
      (before.presence === after.view.presence && isFresh(before) === isFresh(after.view))
    ) {
      return;
    }
    for (const [name, known] of this.#placements) {
      if (known.state.rows.has(uid) || concerns(known, uid)) this.onPlacement.tell(name);
    }
  }

  /** Takes the rejected rows of one Ack. */
  foldRejections(uid: ClusterUid, rejected: readonly RejectedRow[]): void {
    this.#changeView(uid, (view) => foldRejections(view, rejected));
    for (const row of rejected) this.onPlacement.tell(row.placement);
  }

  /** What the last look at Git said. */
  setOutlook(next: Partial<ControlOutlook>): void {
    const before = this.#outlook;
    this.#outlook = { ...before, ...next };
    const isSame =
      JSON.stringify({ ...before, readAtMs: 0 }) === JSON.stringify({ ...this.#outlook, readAtMs: 0 });
    if (!isSame) this.onOutlook.tell();
  }

  /** What the last look at a placement's rule gave. */
  setPlacement(name: PlacementName, seen: PlacementOutlook): void {
    this.#placements.set(name, { ...this.placementOf(name), ...seen });
    this.onPlacement.tell(name);
  }

  /** Notes of the last advance; not a change that anybody must act upon. */
  setNotes(name: PlacementName, notes: readonly Reasoned[]): void {
    this.#placements.set(name, { ...this.placementOf(name), notes });
  }

  /** A placement without rule and without rows is forgotten. */
  forgetPlacement(name: PlacementName): void {
    this.#placements.delete(name);
  }

  #foldPlacement(stored: StoredDecision, payload: PlacementDecision): void {
    const name = placementNameOf(stored.subject);
    const before = this.placementOf(name);
    const state = foldRollout(before.state, {
      seq: stored.seq,
      storedAtMs: stored.storedAtMs,
      hash: stored.hash,
      epoch: Math.max(1, this.#position.epoch),
      event: { ...stored.event, payload },
    });
    this.#placements.set(name, { ...before, state });
    const changed = clustersChanged(before.state, state);
    if (changed.length > 0) this.onRows.tell(changed);
    this.onPlacement.tell(name);
  }

  #changeView(uid: ClusterUid, change: (view: ClusterView) => ClusterView): KnownCluster | undefined {
    const known = this.#clusters.get(uid);
    if (!known) return undefined;
    const view = change(known.view);
    if (view === known.view) return undefined;
    const next = { ...known, view };
    this.#clusters.set(uid, next);
    this.onView.tell(uid);
    return next;
  }

  #tellReady(): void {
    if (!this.isReady) return;
    this.onReady.tell();
    this.onClusters.tell(undefined);
    this.onControl.tell();
    this.#tellAllPlacements();
  }

  #tellAllPlacements(): void {
    for (const name of this.#placements.keys()) this.onPlacement.tell(name);
  }
}

/** Subject of one placement's decisions. */
export function placementSubject(name: PlacementName): string {
  return `flotilla.decisions.p.${name}`;
}

function placementNameOf(subject: string): PlacementName {
  // The adapter reads only flotilla.decisions.>, and placement events are appended under placementSubject() alone.
  return subject.slice(subject.lastIndexOf('.') + 1) as PlacementName;
}

function concerns(known: KnownPlacement, uid: ClusterUid): boolean {
  return known.desired.kind === 'release' && known.desired.targets.has(uid);
}

function accept(
  control: ControlState,
  payload: { readonly source: string; readonly commit: GitId },
  actor: Actor,
): ControlState['accepted'] {
  const commits = new Map(control.accepted.get(payload.source) ?? []);
  commits.set(payload.commit, actor);
  return new Map(control.accepted).set(payload.source, commits);
}
