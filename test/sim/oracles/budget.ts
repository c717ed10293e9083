import type { Amount, BudgetDecision } from '@flotilla/shared/model';
import { placementDecision, placementOf, type RawEvent } from '../raw-log.ts';
import type { Said } from '../reports.ts';
import type { ToldRollout, ToldRow } from '../told.ts';
import { must } from '../violation.ts';
import { type Judge, type Scene, startedBy } from './judge.ts';
import { lostByMs } from './silence.ts';
import { entryOf } from './waves.ts';

/** A start that the next message must hold the tokens of. */
interface Start {
  readonly raw: RawEvent;
  readonly placement: string;
  readonly rollout: string;
  readonly isExempt: boolean;
  readonly clusters: readonly string[];
  /** Placements that truly change each cluster just before. */
  readonly changing: ReadonlyMap<string, ReadonlySet<string>>;
  /** Who the hub that decides may take for changing: they cost no room. */
  readonly believed: ReadonlySet<string>;
}

/**
 * I2: who starts clusters takes their tokens in the same batch; clusters that truly change, by their agents' own words, are
 * never more than the cap that was kept, nor on one cluster more placements than may; and the cap is one that some policy in
 * force gives for a fleet that was once so large. Makes a judge for one world.
 */
export function keepsBudget(): Judge {
  let start: Start | undefined;
  return (raw, scene) => {
    const { payload } = raw.event;
    if (start !== undefined) {
      const { raw: before, rollout } = start;
      const isTaken =
        payload.kind === 'budget-changed' && payload.takes.rollout === rollout && raw.seq === before.seq + 1;
      must(isTaken, 'I2', () => `${rollout} starts clusters at ${before.seq} without taking their tokens`);
    }
    if (payload.kind === 'budget-changed') judgeTokens(raw, scene, start);
    start = startOf(raw, scene);
  };
}

function startOf(raw: RawEvent, scene: Scene): Start | undefined {
  const decision = placementDecision(raw);
  const clusters = decision === undefined ? [] : startedBy(decision);
  if (decision === undefined || clusters.length === 0 || !('rollout' in decision)) return undefined;
  const placement = placementOf(raw);
  const running = scene.ledger.running(placement, decision.rollout);
  const isExempt = running?.plan.rolloutKind === 'rollback';
  const changing = changingNow(raw, scene, isTrulyChanging);
  const believed = new Set(changingNow(raw, scene, mayCount).keys());
  return { raw, placement, rollout: decision.rollout, isExempt, clusters, changing, believed };
}

function judgeTokens({ event: { payload }, seq }: RawEvent, scene: Scene, start: Start | undefined): void {
  if (payload.kind !== 'budget-changed') return;
  const { max, perClusterMax, takes } = payload;
  const isSame =
    start !== undefined &&
    start.clusters.length === takes.clusters.length &&
    takes.clusters.every((uid) => start.clusters.includes(uid));
  must(isSame, 'I2', () => `${takes.rollout} takes tokens at ${seq} for other clusters than it starts`);
  if (start.isExempt) return;
  must(isCap(scene, payload), 'I2', () => `the cap ${max} kept at ${seq} is of no policy in force`);
  const isNew = takes.clusters.some((uid) => !start.believed.has(uid));
  const all = new Set([...start.changing.keys(), ...takes.clusters]);
  must(
    !isNew || all.size <= max,
    'I2',
    () =>
      `${all.size} clusters change after ${seq}, more than ${max}: ${[...all].map((uid) => scene.world.truth.nameOf(uid)).join(' ')}`,
  );
  for (const uid of takes.clusters) {
    const others = [...(start.changing.get(uid) ?? [])].filter((one) => one !== start.placement).length;
    must(
      others < perClusterMax,
      'I2',
      () =>
        `${others + 1} placements change ${scene.world.truth.nameOf(uid)} after ${seq}, more than ${perClusterMax}`,
    );
  }
}

/** What is asked of a cluster with one row, of which the log does not say how it went. */
interface Open {
  readonly raw: RawEvent;
  readonly scene: Scene;
  readonly rollout: ToldRollout;
  readonly placement: string;
  readonly uid: string;
  readonly row: ToldRow;
}

/** Clusters that change, and for which placements. Somebody who was ever removed is left out. */
function changingNow(
  raw: RawEvent,
  scene: Scene,
  isChanging: (open: Open) => boolean,
): Map<string, Set<string>> {
  const changing = new Map<string, Set<string>>();
  for (const [placement, { rollouts, rows }] of scene.ledger.placements) {
    for (const [uid, row] of rows) {
      const rollout = rollouts.get(row.rollout);
      if (rollout === undefined || scene.world.truth.wasEverGone(uid) || isSettled(rollout, uid, row))
        continue;
      if (!isChanging({ raw, scene, rollout, placement, uid, row })) continue;
      changing.set(uid, new Set([...(changing.get(uid) ?? []), placement]));
    }
  }
  return changing;
}

/** Whether the log says how a row went, be it of a rollout that has ended: no hub forgets that. */
function isSettled({ phases, proven }: ToldRollout, uid: string, row: ToldRow): boolean {
  return phases.get(uid)?.kind === 'failed' || proven.get(uid) === row.version.seq;
}

/** Whether an agent never said how a row went; who says nothing changes until it counts as lost. */
function isTrulyChanging({ placement, raw, row, scene, uid }: Open): boolean {
  if (raw.storedAtMs > row.storedAtMs + lostAfterMs) return false;
  return !scene.world.truth.everSaid(uid, (said) => isOver(said, placement, row));
}

/**
 * Whether the hub that decides may take a cluster for changing: it cannot hear it now, or what it has of it is not the newest, or
 * does not say how the row went. Only until it must take it for lost.
 */
function mayCount({ placement, raw, rollout, row, scene, uid }: Open): boolean {
  const { world } = scene;
  if (world.time.nowMs > lostByMs(scene, { rollout, row, uid })) return false;
  if (!world.isSound(uid, soundMs)) return true;
  const { actor } = raw.event;
  const had = world.heard.lately(actor.kind === 'hub' ? actor.process : '', uid, lookedMs);
  const newest = world.truth.newestSaid(uid, world.time.nowMs)?.version;
  const isCurrent = had.length > 0 && had.every(({ version }) => version === newest);
  return !isCurrent || !had.every((one) => isOver(one, placement, row));
}

function isOver(said: Said, placement: string, row: ToldRow): boolean {
  const state = entryOf(said, placement, row);
  return state !== undefined && state !== 'Progressing' && state !== 'Removing';
}

/** A hub decides by what it had so long ago: a batch of decisions is stored one by one. */
const lookedMs = 5_000;
/** Long enough that every hub has heard of a cluster that is there. */
const soundMs = 60_000;

/** A cluster that says nothing changes until it counts as lost: the shortest deadline there is, and the grace. */
const lostAfterMs = 20_000 + 300_000 - 10_000;

function isCap({ ledger, world }: Scene, { max, perClusterMax }: BudgetDecision): boolean {
  const { least, most } = world.truth.registered;
  return ledger.adoptions.some(({ payload }) => {
    const policy = world.repository.wishAt(payload.commit.id) ?? defaultPolicy;
    if (policy.maxChangingPerCluster !== perClusterMax) return false;
    const percent = policy.maxChangingPercent;
    for (let count = least; count <= most; count += 1)
      if (capOf({ kind: 'percent', percent }, count) === max) return true;
    return false;
  });
}

/** Of a commit without a policy (ADR 0014). */
const defaultPolicy = { maxChangingPercent: 33, maxChangingPerCluster: 3 };

function capOf(amount: Amount, of: number): number {
  return Math.max(1, amount.kind === 'count' ? amount.count : Math.floor((amount.percent * of) / 100));
}
