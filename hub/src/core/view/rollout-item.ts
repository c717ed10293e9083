import type { ClusterUid, PlacementName, RolloutId } from '@flotilla/shared/base';
import { compareVersions } from '@flotilla/shared/model';
import { defaultHistory } from '../fleet-spec/index.ts';
import {
  type FinishedRollout,
  gateCodes,
  isUrgent,
  type Rollout,
  type RolloutCluster,
  type RolloutCounts,
  type RolloutState,
  soakOf,
} from '../rollout/index.ts';
import { isFresh } from './fold-view.ts';
import {
  apiVersion,
  type RolloutItem,
  type RolloutShownState,
  type RolloutSummary,
  type WaveItem,
} from './items.ts';
import type { FleetSnapshot, KnownPlacement } from './snapshot.ts';

/**
 * All rollouts of a placement, those that run first, then ended ones, newest first: as many as its rule wants to be kept for
 * people (`rollout.history`). The log keeps all.
 */
export function rolloutItems(fleet: FleetSnapshot, name: PlacementName): readonly RolloutItem[] {
  const known = fleet.placements.get(name);
  if (!known) return [];
  const running = [known.state.active, known.state.withdraw].filter((one) => one !== undefined);
  return [
    ...running.map((rollout) => runningItem(fleet, known, rollout)),
    ...known.state.history.slice(0, keptFor(known)).map((ended) => endedItem(known.state, ended)),
  ];
}

function keptFor({ spec }: KnownPlacement): number {
  return spec?.history ?? defaultHistory;
}

/** One rollout; undefined when it is unknown or forgotten. */
export function rolloutItem(fleet: FleetSnapshot, id: RolloutId): RolloutItem | undefined {
  // A rollout's id is its placement's name and a number (ids.ts).
  const placement = id.slice(0, id.lastIndexOf('-')) as PlacementName;
  return rolloutItems(fleet, placement).find((item) => item.metadata.name === id);
}

/** A rollout that has not ended, in a line. */
export function rolloutSummary(rollout: Rollout, known: KnownPlacement): RolloutSummary {
  const { status, plan } = rollout;
  return {
    id: rollout.id,
    kind: plan.rolloutKind,
    state: stateOf(rollout, known, () => false),
    stage: stageName(rollout),
    wavesPassed: passedWaves(status),
    waves: plan.waves.length,
  };
}

type IsProven = (uid: ClusterUid) => boolean;

function runningItem(fleet: FleetSnapshot, known: KnownPlacement, rollout: Rollout): RolloutItem {
  const { plan, status } = rollout;
  const isProven = provenBy(fleet, known);
  const halted =
    status.kind === 'halted' ? { code: 'Halted', text: status.text, subject: rollout.id } : undefined;
  return {
    apiVersion,
    kind: 'Rollout',
    metadata: { name: rollout.id, createdAtMs: rollout.plannedAtMs },
    spec: {
      placement: known.state.placement,
      kind: plan.rolloutKind,
      release: plan.release && { digest: plan.release.digest, commit: plan.release.commit },
      strategy: plan.strategy.name,
      cause: plan.cause,
      waves: plan.waves.map((_wave, index) => waveItem({ state: known.state, rollout }, index, isProven)),
    },
    status: {
      state: stateOf(rollout, known, isProven),
      reason: halted ?? known.notes[0],
      stage: stageName(rollout),
      counts: countPhases(rollout, isProven),
      plannedAtMs: rollout.plannedAtMs,
      endedAtMs: undefined,
      by: rollout.plannedBy,
      isPaused: rollout.isPaused,
      isUrgent: isUrgent(known.state, rollout),
      lastSeq: known.state.lastSeq,
    },
  };
}

function endedItem({ lastSeq, placement }: RolloutState, ended: FinishedRollout): RolloutItem {
  const words = { succeeded: 'Succeeded', superseded: 'Superseded', cancelled: 'Cancelled' } as const;
  const release =
    ended.releaseDigest && ended.commit ? { digest: ended.releaseDigest, commit: ended.commit } : undefined;
  return {
    apiVersion,
    kind: 'Rollout',
    metadata: { name: ended.id, createdAtMs: ended.plannedAtMs },
    spec: { placement, kind: ended.kind, release, strategy: ended.strategy, cause: ended.cause, waves: [] },
    status: {
      state: words[ended.outcome],
      reason:
        ended.text === '' ? undefined : { code: words[ended.outcome], text: ended.text, subject: ended.id },
      stage: '',
      counts: ended.counts,
      plannedAtMs: ended.plannedAtMs,
      endedAtMs: ended.endedAtMs,
      by: ended.by,
      isPaused: false,
      isUrgent: false,
      lastSeq,
    },
  };
}

/** Whether a cluster's fresh report says Ready of exactly the row that stands: shown before the wave's event sums it up. */
function provenBy(fleet: FleetSnapshot, known: KnownPlacement): IsProven {
  return (uid) => {
    const row = known.state.rows.get(uid);
    const view = fleet.clusters.get(uid)?.view;
    const entry = view?.byPlacement.get(known.state.placement);
    if (!row || !view || !entry || !isFresh(view)) return false;
    const isDone = entry.state === 'Ready' || entry.state === 'Removed';
    return isDone && compareVersions(entry.version, row.version) === 0;
  };
}

function stateOf(rollout: Rollout, known: KnownPlacement, isProven: IsProven): RolloutShownState {
  const { status } = rollout;
  switch (status.kind) {
    case 'planned':
      return isGated(rollout, known) ? 'Gated' : 'Planned';
    case 'halted':
      return 'Halted';
    case 'passed':
      return isGated(rollout, known) ? 'Gated' : 'Progressing';
    case 'open':
      return isSettled(rollout, status.wave, isProven) || isSoakNote(known) ? 'Soaking' : 'Progressing';
  }
}

/** The last look found it waiting for a person, or for a check of the stage. */
function isGated(rollout: Rollout, known: KnownPlacement): boolean {
  return known.notes.some((note) => gateCodes.includes(note.code) && note.subject === rollout.id);
}

function isSoakNote(known: KnownPlacement): boolean {
  return known.notes[0]?.code === 'Soaking';
}

function isSettled(rollout: Rollout, wave: number, isProven: IsProven): boolean {
  const members = [...rollout.clusters].filter(([, cluster]) => cluster.wave === wave);
  return (
    members.length > 0 && members.every(([uid, cluster]) => phaseOf(uid, cluster, isProven) !== 'issued')
  );
}

/** The phase that people see: an issued cluster that is proven counts as ready at once. */
function phaseOf(
  uid: ClusterUid,
  cluster: RolloutCluster,
  isProven: IsProven,
): RolloutCluster['phase']['kind'] {
  return cluster.phase.kind === 'issued' && isProven(uid) ? 'ready' : cluster.phase.kind;
}

function countPhases(rollout: Rollout, isProven: IsProven): RolloutCounts {
  const counts = { targets: rollout.clusters.size, waiting: 0, issued: 0, ready: 0, deferred: 0, failed: 0 };
  for (const [uid, cluster] of rollout.clusters) counts[phaseOf(uid, cluster, isProven)] += 1;
  return counts;
}

function waveItem(
  { rollout, state }: { readonly rollout: Rollout; readonly state: RolloutState },
  index: number,
  isProven: IsProven,
): WaveItem {
  const stage = rollout.plan.strategy.stages[rollout.plan.waves[index]?.stage ?? 0];
  const counts = { clusters: 0, ready: 0, failed: 0, deferred: 0 };
  for (const [uid, cluster] of rollout.clusters) {
    if (cluster.wave !== index) continue;
    counts.clusters += 1;
    const phase = phaseOf(uid, cluster, isProven);
    if (phase === 'ready' || phase === 'failed' || phase === 'deferred') counts[phase] += 1;
  }
  return {
    stage: stage?.name ?? '',
    ...counts,
    soakMs: soakOf(state, rollout, index),
    state: waveState(rollout, index),
  };
}

function waveState({ status }: Rollout, index: number): WaveItem['state'] {
  if (index < passedWaves(status)) return 'passed';
  const isOpen = (status.kind === 'open' || status.kind === 'halted') && status.wave === index;
  return isOpen ? 'open' : 'waiting';
}

function stageName({ status, plan }: Rollout): string {
  return status.kind === 'planned' ? '' : (plan.strategy.stages[status.stage]?.name ?? '');
}

function passedWaves(status: Rollout['status']): number {
  if (status.kind === 'planned') return 0;
  return status.kind === 'passed' ? status.wave + 1 : status.wave;
}
