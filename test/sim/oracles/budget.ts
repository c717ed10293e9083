import type { Amount, BudgetDecision } from '@flotilla/shared/model';
import { placementDecision, placementOf, type RawEvent } from '../raw-log.ts';
import type { ToldRow } from '../told.ts';
import { must } from '../violation.ts';
import { type Judge, type Scene, startedBy } from './judge.ts';
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
  /** Those, and who a hub may still believe to change: it said otherwise only just now. */
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
  const changing = changingNow(raw, scene, 0);
  const believed = new Set(changingNow(raw, scene, believedMs).keys());
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

/** Clusters that truly change, and for which placements. */
function changingNow(raw: RawEvent, scene: Scene, unheardMs: number): Map<string, Set<string>> {
  const changing = new Map<string, Set<string>>();
  for (const [placement, { rows }] of scene.ledger.placements) {
    for (const [uid, row] of rows) {
      if (!isChanging(raw, scene, { placement, uid, row, unheardMs })) continue;
      changing.set(uid, new Set([...(changing.get(uid) ?? []), placement]));
    }
  }
  return changing;
}

/** Whether neither the agent nor the log has said how a row went. Somebody who was ever removed is left out. */
function isChanging(
  { storedAtMs }: RawEvent,
  { ledger, world }: Scene,
  {
    placement,
    row,
    uid,
    unheardMs,
  }: { readonly placement: string; readonly uid: string; readonly row: ToldRow; readonly unheardMs: number },
): boolean {
  if (world.truth.wasEverGone(uid)) return false;
  const rollout = ledger.of(placement).rollouts.get(row.rollout);
  if (rollout === undefined) return false;
  // How it went in a rollout that has ended is folded away: what counts then is what its agent says.
  const isForgotten = unheardMs > 0 && rollout.ended !== undefined;
  if (!isForgotten && rollout.phases.get(uid)?.kind === 'failed') return false;
  const wave = rollout.plan.waves.findIndex(({ clusters }) => clusters.some((one) => one === uid));
  if (!isForgotten && rollout.passed.has(wave)) return false;
  if (unheardMs === 0 && storedAtMs > row.storedAtMs + lostAfterMs) return false;
  return !world.truth.everSaid(uid, (said) => {
    // Who cannot be heard now proves nothing to a hub, whatever it said before.
    const isProof = unheardMs === 0 || world.isSound(uid, soundMs);
    if (!isProof || said.atMs > world.time.nowMs - unheardMs) return false;
    const state = entryOf(said, placement, row);
    return state !== undefined && state !== 'Progressing' && state !== 'Removing';
  });
}

/** Longest that a hub may not have what an agent said. */
const believedMs = 150_000;
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
