import type { ClusterName, ClusterUid, PlacementName } from '@flotilla/shared/base';
import type { Cluster, PlacementDecision, Presence, RejectedRow, Report } from '@flotilla/shared/model';
import {
  type ClusterView,
  type FleetSnapshot,
  foldPresence,
  foldRejections,
  foldReport,
  isBeyondRules,
  isFresh,
  isOnlyNewer,
  isRipening,
  isSameWord,
  type KnownPlacement,
  needsReports,
  type ReportVersion,
  type RolloutState,
} from '../core/index.ts';
import type { StoredDecision } from '../ports.ts';
import { FleetClusters, type ViewChange } from './fleet-clusters.ts';
import { FleetPlacements } from './fleet-placements.ts';
import {
  type ControlOutlook,
  concerns,
  type FleetRules,
  isSameOutlook,
  noOutlook,
  type PlacementOutlook,
} from './fleet-state.ts';
import { LoggedFleet } from './logged-fleet.ts';

/**
 * Everything this hub process knows, folded from log, bucket, reports and streams; nothing in it cannot be rebuilt.
 * Loops change it through the methods and hear of changes through the listeners.
 */
export class Fleet extends LoggedFleet {
  readonly #clusters = new FleetClusters();
  readonly #placements = new FleetPlacements();
  #outlook: ControlOutlook = noOutlook;

  /** What people see is made from these two maps. */
  readonly snapshot: FleetSnapshot = { clusters: this.#clusters.known, placements: this.#placements.known };

  /** What agents say of their clusters, for rules. */
  readonly facts: FleetClusters['facts'] = this.#clusters.facts;

  /** Registered clusters as their records say, without Cluster documents. */
  get registered(): ReadonlyMap<ClusterUid, Cluster> {
    return this.#clusters.registered;
  }

  /** Clusters whose registration a person deleted. */
  get removed(): ReadonlySet<ClusterUid> {
    return this.#clusters.removed;
  }

  /** The registered cluster of a name; undefined when none is. */
  uidOf(name: ClusterName): ClusterUid | undefined {
    return this.#clusters.uidOf(name);
  }

  /** What the last look at Git said. */
  get outlook(): ControlOutlook {
    return this.#outlook;
  }

  /** What is known of a placement; an empty state for an unknown one. */
  placementOf(name: PlacementName): KnownPlacement {
    return this.#placements.of(name);
  }

  /** States of the placements that have a row on a cluster, in no order. */
  statesOn(cluster: ClusterUid): readonly RolloutState[] {
    return this.#placements.statesOn(cluster);
  }

  /** Whether any placement has a row on a cluster, be it a removal. */
  hasRows(cluster: ClusterUid): boolean {
    return this.#placements.hasRows(cluster);
  }

  /** The log was read to the end that it had at start. */
  logFolded(): void {
    this.log.read('isLogFolded');
    this.#tellReady();
  }

  /** The registrations were read to the end that they had at start. */
  registryRead(): void {
    this.log.read('isRegistryRead');
    this.#tellReady();
  }

  /** The last report of every cluster was read: before that nobody knows what clusters say of themselves. */
  statusRead(): void {
    this.log.read('isStatusRead');
    this.onFacts.tell(undefined);
  }

  /** Takes one event of the log, in order. */
  foldDecision(stored: StoredDecision): void {
    const { payload } = stored.event;
    switch (payload.kind) {
      case 'control-adopted':
      case 'source-accepted':
      case 'budget-changed':
        if (this.log.fold(stored)) this.onControl.tell();
        break;
      case 'epoch-raised':
      case 'epoch-confirmed':
        if (!this.log.fold(stored)) this.onEpoch.tell();
        this.#tellAllPlacements();
        break;
      default:
        this.#foldPlacement(stored, payload);
    }
    this.log.folded(stored);
    this.onFolded.tell(stored.seq);
  }

  /** A registration was written (`cluster`), or a person deleted it (undefined). */
  setRegistration(uid: ClusterUid, cluster: Cluster | undefined, nowMs: number): void {
    const name = cluster?.name ?? this.registered.get(uid)?.name;
    this.#clusters.register(uid, cluster, nowMs);
    if (!this.position.isRegistryRead) return;
    this.onClusters.tell({ uid, name });
    this.#tellAllPlacements();
  }

  /** Cluster documents of Git were applied. */
  setClusters(applied: readonly Cluster[], nowMs: number): void {
    this.#clusters.describe(applied, nowMs);
  }

  /** Takes a report. What says something else looks different, and may be work where a rollout moves it; so may a soak's end. */
  foldReport(uid: ClusterUid, report: Report, storedAtMs: number): void {
    const change = this.#changeView(uid, (view) => foldReport(view, report, storedAtMs));
    if (!change) return;
    const { before, after } = change;
    const isAsFresh = isFresh(before) === isFresh(after);
    const names = new Set([...before.byPlacement.keys(), ...after.byPlacement.keys()]);
    for (const name of names) {
      const [then, now] = [before.byPlacement.get(name), after.byPlacement.get(name)];
      const isOld = isAsFresh && then !== undefined && now !== undefined && isSameWord(then, now);
      if (!isOld) this.onPlacement.tell(name);
      const state = this.#placements.known.get(name)?.state;
      if (state === undefined || !needsReports(state)) continue;
      if (!isOld || isRipening(state, uid, { before: then, after: now })) this.onWork.tell(name);
      else this.onAging.tell(name);
    }
  }

  /** Takes what a stream says. A cluster that came or went is work; reports on their way, or come, are so for what a rollout moves. */
  foldPresence(
    uid: ClusterUid,
    seen: { readonly presence: Presence; readonly announced: ReportVersion | undefined },
    nowMs: number,
  ): void {
    const change = this.#changeView(uid, (view) => foldPresence(view, seen, nowMs));
    if (!change) return;
    const { before, after } = change;
    const isThere = before.presence === after.presence;
    if (isThere && isFresh(before) === isFresh(after)) return;
    for (const [name, known] of this.#placements.known) {
      if (!concerns(known, uid)) continue;
      this.onPlacement.tell(name);
      if (!isThere || needsReports(known.state)) this.onWork.tell(name);
    }
  }

  /** Takes the rejected rows of one Ack. */
  foldRejections(uid: ClusterUid, rejected: readonly RejectedRow[]): void {
    const change = this.#changeView(uid, (view) => foldRejections(view, rejected));
    if (!change) return;
    for (const row of rejected) this.#tellPlacement(row.placement);
  }

  /** What the last look at Git said. */
  setOutlook(next: Partial<ControlOutlook>): void {
    const before = this.#outlook;
    this.#outlook = { ...before, ...next };
    if (!isSameOutlook(before, this.#outlook)) this.onOutlook.tell();
  }

  /** What the last look at the rules for all placements gave: work where they matter, if they are others, and where nobody knew them. */
  setRules(rules: FleetRules): void {
    const { isOther, without } = this.knownRules.set(rules);
    for (const [name, known] of this.#placements.known) {
      if (without.has(name) || (isOther && !isBeyondRules(known))) this.#tellPlacement(name);
    }
  }

  /** What the last look at a placement's rule gave. */
  setPlacement(name: PlacementName, seen: PlacementOutlook): void {
    const hasNoWork = isOnlyNewer(this.placementOf(name), seen.desired);
    this.#placements.set(name, seen);
    this.onPlacement.tell(name);
    // A commit is one look at everything in Git: placements that it leaves alone are at rest.
    if (!hasNoWork) this.onWork.tell(name);
  }

  /** Notes of the last advance; not a change that anybody must act upon. */
  setNotes(name: PlacementName, { notes, held }: Pick<KnownPlacement, 'held' | 'notes'>): void {
    this.#placements.set(name, { notes, held });
    this.knownRules.looked(name, this.control.adoptedSeq);
  }

  /** A placement without rule and without rows is forgotten. */
  forgetPlacement(name: PlacementName): void {
    this.#placements.known.delete(name);
  }

  #foldPlacement(stored: StoredDecision, payload: PlacementDecision): void {
    const change = this.#placements.fold(stored, payload, Math.max(1, this.position.epoch));
    // Until the log is read nobody acts on it, and then everybody hears of everything.
    const changed = this.#placements.rowsChanged(this.isReady ? change : undefined);
    if (!this.isReady) return;
    if (changed.length > 0) this.onRows.tell(changed);
    this.#tellPlacement(change.name);
  }

  #changeView(uid: ClusterUid, change: (view: ClusterView) => ClusterView): ViewChange | undefined {
    const changed = this.#clusters.changeView(uid, change);
    if (changed) this.onView.tell(uid);
    if (changed?.hasNewFacts) this.onFacts.tell(uid);
    return changed;
  }

  #tellReady(): void {
    if (!this.isReady) return;
    this.onReady.tell();
    this.onClusters.tell(undefined);
    this.onControl.tell();
    this.#tellAllPlacements();
  }

  #tellAllPlacements(): void {
    for (const name of this.#placements.known.keys()) this.#tellPlacement(name);
  }

  #tellPlacement(name: PlacementName): void {
    this.onPlacement.tell(name);
    this.onWork.tell(name);
  }
}
