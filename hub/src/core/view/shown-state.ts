import type { ClusterUid } from '@flotilla/shared/base';
import type { AssignmentReport, DeferReason, Presence, Reasoned, ShownState } from '@flotilla/shared/model';
import { compareVersions } from '@flotilla/shared/model';
import { gateCodes, type PlacementRow, type Rollout } from '../rollout/index.ts';
import type { ClusterView } from './cluster-view.ts';
import { isFresh } from './fold-view.ts';
import type { StateCounts } from './items.ts';
import type { KnownCluster, KnownPlacement } from './snapshot.ts';

/** A state that people see and the one reason for it; undefined for Ready. */
export interface Shown {
  readonly state: ShownState;
  readonly reason: Reasoned | undefined;
}

/** Worst first: what a person must look at comes before what moves by itself. */
const severity: readonly ShownState[] = [
  'Stalled',
  'Degraded',
  'Unknown',
  'Progressing',
  'Pending',
  'Suspended',
  'Ready',
];

/** How many of each; all seven are present. */
export function countStates(states: Iterable<ShownState>): StateCounts {
  const counts: { [state in ShownState]: number } = {
    Ready: 0,
    Progressing: 0,
    Degraded: 0,
    Stalled: 0,
    Suspended: 0,
    Unknown: 0,
    Pending: 0,
  };
  for (const state of states) counts[state] += 1;
  return counts;
}

/** Orders states worst first, for lists that are cut. */
export function compareSeverity(left: ShownState, right: ShownState): number {
  return severity.indexOf(left) - severity.indexOf(right);
}

/**
 * The state of one placement on one cluster (glossary of the product): freshness is asked first, then what the log says
 * that the cluster should run, then what the agent says of exactly that row. Undefined = nothing is wanted or left there.
 */
export function shownState(placement: KnownPlacement, cluster: KnownCluster): Shown | undefined {
  const { uid } = cluster.cluster;
  const row = placement.state.rows.get(uid);
  const isWanted = placement.desired.kind === 'release' && placement.desired.targets.has(uid);
  const blocked = placement.desired.kind === 'release' ? placement.desired.blocked.get(uid) : undefined;
  if (row === undefined && !isWanted && blocked === undefined && !isPlanned(placement, uid)) return undefined;
  const entry = cluster.view.byPlacement.get(placement.state.placement);
  if (row?.target.kind === 'removal' && isGone(row, entry) && isFresh(cluster.view)) return undefined;
  const stale = staleness(cluster);
  if (stale) return { state: 'Unknown', reason: stale };
  if (blocked) return { state: 'Stalled', reason: blocked };
  if (row === undefined) return { state: 'Pending', reason: pendingReason(placement, uid) };
  const reported = reportedState(row, { entry, view: cluster.view, placement });
  const waits = waitingReason(placement, uid);
  return waits && (reported.state === 'Ready' || reported.state === 'Progressing')
    ? { state: 'Pending', reason: waits }
    : reported;
}

const absenceTexts: { readonly [presence in Exclude<Presence, 'connected'>]: string } = {
  suspect: 'its agent has just gone silent, or its stream ended a moment ago',
  disconnected: 'its agent is disconnected',
  lost: 'its agent is lost: it has been silent for 15 minutes and more',
  never: 'its agent is not connected',
};

/** Why nothing may be concluded about a cluster; undefined when its report is fresh. */
export function staleness({ cluster, view }: KnownCluster): Reasoned | undefined {
  if (isFresh(view)) return undefined;
  const subject = cluster.name;
  if (view.presence === 'never' && view.report === undefined) {
    return { code: 'NeverConnected', text: 'its agent has not connected since this hub started', subject };
  }
  if (view.presence !== 'connected') {
    return { code: 'Disconnected', text: absenceTexts[view.presence], subject };
  }
  return {
    code: 'ReportPending',
    text: 'its agent is connected, but its newest report has not arrived',
    subject,
  };
}

function isPlanned(placement: KnownPlacement, uid: ClusterUid): boolean {
  return placement.state.active?.clusters.has(uid) ?? false;
}

function isGone(row: PlacementRow, entry: AssignmentReport | undefined): boolean {
  return entry?.state === 'Removed' && compareVersions(entry.version, row.version) >= 0;
}

/** What the agent says of exactly this row. */
function reportedState(
  row: PlacementRow,
  seen: {
    readonly entry: AssignmentReport | undefined;
    readonly view: ClusterView;
    readonly placement: KnownPlacement;
  },
): Shown {
  const { entry, view } = seen;
  const subject = seen.placement.state.placement;
  const rejected = view.rejected.get(subject);
  if (rejected && compareVersions(rejected.version, row.version) === 0) {
    const text = `the agent refused the assignment: ${rejected.text}`;
    return { state: 'Stalled', reason: { code: `Rejected${rejected.code}`, text, subject } };
  }
  if (entry === undefined || compareVersions(entry.version, row.version) < 0) {
    const text = 'the assignment was made; the agent has not reported on it yet';
    return { state: 'Progressing', reason: { code: 'Issued', text, subject } };
  }
  return entryState(entry, row, subject);
}

function entryState(entry: AssignmentReport, row: PlacementRow, subject: string): Shown {
  const reason: Reasoned = { code: entry.reason || entry.state, text: entry.text, subject };
  if (entry.heldPrune) return { state: 'Stalled', reason };
  if (entry.reverted) return { state: 'Degraded', reason };
  switch (entry.state) {
    case 'Ready':
      return { state: 'Ready', reason: undefined };
    case 'Progressing':
      return entry.deadlinePassed
        ? { state: isApplied(entry, row) ? 'Degraded' : 'Stalled', reason }
        : moving(entry, reason);
    case 'Removing':
    case 'Removed':
      return moving(entry, {
        ...reason,
        code: 'Removing',
        text: entry.text || 'its objects are being removed',
      });
    case 'Degraded':
    case 'Stalled':
    case 'Suspended':
      return { state: entry.state, reason };
  }
}

function moving(entry: AssignmentReport, reason: Reasoned): Shown {
  return {
    state: 'Progressing',
    reason: reason.text === '' ? { ...reason, text: entry.phase ?? 'moving towards it' } : reason,
  };
}

function isApplied(entry: AssignmentReport, row: PlacementRow): boolean {
  return row.target.kind === 'variant' && entry.appliedVariantDigest === row.target.variant.digest;
}

/** Why a cluster that a rollout wants to move has not got its new row. */
function waitingReason(placement: KnownPlacement, uid: ClusterUid): Reasoned | undefined {
  const { active } = placement.state;
  const member = active?.clusters.get(uid);
  if (!active || !member) return undefined;
  const subject = active.id;
  if (member.phase.kind === 'deferred') {
    const own = placement.held?.get(uid);
    if (own !== undefined) return own;
    return { code: 'Deferred', text: deferredText(placement, member.phase.reason), subject };
  }
  if (member.phase.kind !== 'waiting') return undefined;
  if (active.status.kind === 'halted') {
    return { code: 'Halted', text: `rollout ${active.id} is halted: ${active.status.text}`, subject };
  }
  if (active.isPaused) return { code: 'Paused', text: `rollout ${active.id} is paused`, subject };
  const isGate = (note: Reasoned) => gateCodes.includes(note.code) && note.subject === active.id;
  const gate = placement.notes.find(isGate);
  const own = placement.held?.get(uid);
  return gate ?? own ?? { code: 'WaitingForWave', text: waveText(active, member.wave), subject };
}

function deferredText({ spec, state }: KnownPlacement, reason: DeferReason): string {
  switch (reason) {
    case 'offline':
    case 'cordoned':
      return `deferred: the cluster is ${reason}`;
    case 'dependency': {
      const names = spec?.dependsOn.map(({ name }) => name).join(', ');
      return `deferred: ${names} must be Ready on the cluster first`;
    }
    case 'skipped':
      return `a person left the cluster out; it follows by: flotilla rollout retry ${state.placement}`;
    case 'unmatched':
    case 'rematched':
    case 'removed':
      return `is no target of the rollout any more: ${reason}`;
  }
}

function waveText(active: Rollout, wave: number | undefined): string {
  const total = active.plan.waves.length;
  return `waits for wave ${(wave ?? 0) + 1} of ${total} of rollout ${active.id}`;
}

function pendingReason(placement: KnownPlacement, uid: ClusterUid): Reasoned {
  const waits = waitingReason(placement, uid) ?? placement.held?.get(uid);
  if (waits) return waits;
  const subject = placement.state.placement;
  if (placement.desired.kind === 'unresolved' && placement.desired.reasons[0])
    return placement.desired.reasons[0];
  return placement.notes[0] ?? { code: 'NotPlanned', text: 'no rollout has started for it yet', subject };
}
