import { assert, type ClusterUid, type Digest } from '@flotilla/shared/base';
import {
  type ClustersAdmitted,
  type ClustersStarted,
  clusterChecksOf,
  type Release,
  type RolloutTarget,
  type RowMode,
  type StrategyStage,
  type Variant,
  type WaveOpened,
} from '@flotilla/shared/model';
import { setPhases } from './phases.ts';
import type {
  PlacementRow,
  Rollout,
  RolloutCluster,
  RolloutState,
  RowTarget,
  StoredPlacementEvent,
} from './state.ts';

interface Making<Payload> {
  readonly rollout: Rollout;
  readonly stored: StoredPlacementEvent;
  readonly payload: Payload;
}

/** A wave opened or went on: rows for its clusters, a reason for those that get none. */
export function withOpened(state: RolloutState, making: Making<WaveOpened | ClustersStarted>): RolloutState {
  const { rollout, payload } = making;
  const { stage, wave } = payload;
  const shaped = shaper(rollout, stage, rollout.plan.variants);
  const targets = payload.clusters.flatMap((uid) => {
    const target = rollout.plan.targets[uid];
    return target === undefined ? [] : [{ uid, target: shaped(target, rollout.plan.release) }];
  });
  let opened = setPhases(rollout, payload.clusters, { kind: 'issued' }, state.timeMs);
  for (const [uid, reason] of Object.entries(payload.deferred)) {
    // Keys of this record are the uids that the event's writer put there.
    opened = setPhases(opened, [uid as ClusterUid], { kind: 'deferred', reason }, state.timeMs);
  }
  if (payload.kind === 'wave-opened') {
    opened = { ...opened, status: { kind: 'open', stage, wave, sinceMs: state.timeMs } };
  }
  return replace(withRows(state, making, targets), opened);
}

/** Clusters got rows outside a planned wave. */
export function withAdmitted(state: RolloutState, making: Making<ClustersAdmitted>): RolloutState {
  const { rollout, payload } = making;
  const isStable = payload.basis === 'joined-stable';
  const release = isStable ? rollout.plan.stable : rollout.plan.release;
  const stage = rollout.status.kind === 'planned' ? 0 : rollout.status.stage;
  const shaped = shaper(rollout, stage, { ...rollout.plan.variants, ...payload.variants });
  // Keys of this record are the uids that the event's writer put there.
  const entries = Object.entries(payload.targets) as [ClusterUid, RolloutTarget][];
  const targets = entries.map(([uid, target]) => ({ uid, target: shaped(target, release) }));
  const given = withRows(state, making, targets);
  if (isStable) return replace(given, besidesRollout(rollout, entries, state.timeMs));
  const clusters = new Map<ClusterUid, RolloutCluster>(rollout.clusters);
  for (const [uid, target] of entries) {
    // Who joins counts in no share of a wave, be it that the wave knew it before the placement was taken from it.
    const wave = payload.basis === 'returned' ? clusters.get(uid)?.wave : undefined;
    clusters.set(uid, { target, wave, phase: { kind: 'issued' }, sinceMs: state.timeMs });
  }
  return replace(given, { ...rollout, clusters });
}

/**
 * Clusters that run the stable release beside the rollout. Those that it knows, because the placement was taken from them and is wanted
 * again, are none of its own any more: what they say of the stable release proves nothing. Their wave still finds who waits for it.
 */
function besidesRollout(
  rollout: Rollout,
  entries: readonly (readonly [ClusterUid, RolloutTarget])[],
  timeMs: number,
): Rollout {
  const known = entries.flatMap(([uid]) => {
    const phase = rollout.clusters.get(uid)?.phase;
    return phase === undefined || phase.kind === 'waiting' ? [] : [uid];
  });
  return known.length === 0
    ? rollout
    : setPhases(rollout, known, { kind: 'deferred', reason: 'unmatched' }, timeMs);
}

function replace(state: RolloutState, rollout: Rollout): RolloutState {
  return rollout.plan.rolloutKind === 'withdraw'
    ? { ...state, withdraw: rollout }
    : { ...state, active: rollout };
}

/** Turns plan targets into row targets. Equal ones of one event are one object: a fleet has a million rows. */
function shaper(
  rollout: Rollout,
  stageIndex: number,
  variants: { readonly [digest: string]: Variant },
): (target: RolloutTarget, release: Release | undefined) => RowTarget {
  const stage = rollout.plan.strategy.stages[stageIndex];
  const made = new Map<Digest, RowTarget>();
  return (target, release) => {
    if (target.kind === 'removal') return target;
    const before = made.get(target.digest);
    if (before !== undefined) return before;
    assert(release !== undefined, 'a rollout that gives variants has a release');
    const variant = timed(variants[target.digest], stage);
    const row = { kind: 'variant', variant, releaseDigest: release.digest } as const;
    made.set(target.digest, row);
    return row;
  };
}

/** The stage's soak and checks go with the row: the agent measures and evaluates them. They are not part of the digest. */
function timed(variant: Variant | undefined, stage: StrategyStage | undefined): Variant {
  assert(variant !== undefined, 'a plan holds every variant that it assigns');
  const health = { ...variant.health, soakMs: stage?.soakMs ?? 0 };
  const stageChecks = clusterChecksOf(stage?.checks ?? []);
  return { ...variant, health: stageChecks.length === 0 ? health : { ...health, stageChecks } };
}

function withRows(
  state: RolloutState,
  making: Making<unknown>,
  targets: readonly { readonly uid: ClusterUid; readonly target: RowTarget }[],
): RolloutState {
  if (targets.length === 0) return state;
  const { rollout, stored } = making;
  const rows = new Map(state.rows);
  const version = { epoch: stored.epoch, seq: stored.seq };
  const { cause } = rollout.plan;
  const event = { version, eventHash: stored.hash, eventId: stored.event.id, issuedAtMs: stored.storedAtMs };
  // Rows of one event that say the same are one object: a fleet has a million of them.
  const made = { update: new Map<RowTarget, PlacementRow>(), rollback: new Map<RowTarget, PlacementRow>() };
  for (const { uid, target } of targets) {
    const mode = modeOf(rollout, state.rows.get(uid), target);
    const row = made[mode].get(target) ?? { ...event, cause, mode, rollout: rollout.id, target };
    made[mode].set(target, row);
    rows.set(uid, row);
  }
  return { ...state, rows, firstRowSeq: state.firstRowSeq ?? stored.seq };
}

/** Going back is said aloud: by a rollback, and by any row whose commit is older than the one it replaces. */
function modeOf(
  rollout: Rollout,
  before: PlacementRow | undefined,
  target: RowTarget,
): Exclude<RowMode, 'adopt'> {
  if (rollout.plan.rolloutKind === 'rollback') return 'rollback';
  if (before?.target.kind !== 'variant' || target.kind !== 'variant') return 'update';
  const older = before.target.variant.content.commit.committedAtS;
  return target.variant.content.commit.committedAtS < older ? 'rollback' : 'update';
}
