import type { Digest } from '@flotilla/shared/base';
import type {
  ClustersAdmitted,
  PlacementDecision,
  RolloutPlanned,
  RolloutTarget,
} from '@flotilla/shared/model';
import { placementDecision, placementOf, type RawEvent } from './raw-log.ts';
import { type Adoption, nothingTold, type ToldPlacement, type ToldRollout } from './told.ts';

/**
 * What the log says, read message by message without the hub's own folds: plain bookkeeping of who was told what, from
 * which the oracles judge the next message.
 */
export class Ledger {
  readonly placements = new Map<string, ToldPlacement>();
  readonly adoptions: Adoption[] = [];
  /** Commits that a person accepted, and when. */
  readonly accepted: { readonly commit: string; readonly seq: number }[] = [];
  #epoch = 1;

  /** A placement; one that the log does not know is empty. */
  of(placement: string): ToldPlacement {
    const known = this.placements.get(placement);
    if (known !== undefined) return known;
    const fresh = nothingTold();
    this.placements.set(placement, fresh);
    return fresh;
  }

  /** The rollout that a decision is about, when it has not ended. */
  running(placement: string, id: string): ToldRollout | undefined {
    const { active, withdraw } = this.of(placement);
    return [active, withdraw].find((one) => one?.plan.rollout === id);
  }

  /** Writes a message down. */
  take(raw: RawEvent): void {
    const { payload } = raw.event;
    if (payload.kind === 'epoch-raised') this.#epoch = payload.epoch;
    if (payload.kind === 'control-adopted')
      this.adoptions.push({ seq: raw.seq, storedAtMs: raw.storedAtMs, payload });
    if (payload.kind === 'source-accepted') this.accepted.push({ commit: payload.commit, seq: raw.seq });
    const decision = placementDecision(raw);
    if (decision !== undefined) this.#takePlacement(this.of(placementOf(raw)), raw, decision);
  }

  #takePlacement(told: ToldPlacement, raw: RawEvent, decision: PlacementDecision): void {
    if (decision.kind === 'rollout-planned') plan(told, raw, decision);
    if (decision.kind === 'withdraw-approved') for (const uid of decision.clusters) told.approved.add(uid);
    if (decision.kind === 'rejection-lifted' && told.rejected?.release === decision.release)
      told.rejected = undefined;
    if (decision.kind === 'release-urgent') told.urgent.add(decision.release);
    if (decision.kind === 'cluster-forgotten') forget(told, decision.cluster);
    if (!('rollout' in decision)) return;
    const rollout = [told.active, told.withdraw].find((one) => one?.plan.rollout === decision.rollout);
    if (rollout !== undefined) this.#takeRollout(told, rollout, { raw, decision });
  }

  #takeRollout(
    told: ToldPlacement,
    rollout: ToldRollout,
    { decision, raw }: { readonly raw: RawEvent; readonly decision: PlacementDecision },
  ): void {
    switch (decision.kind) {
      case 'wave-opened':
        rollout.opened.set(decision.wave, raw);
        this.#start(told, rollout, { raw, decision });
        break;
      case 'clusters-started':
        this.#start(told, rollout, { raw, decision });
        break;
      case 'clusters-admitted':
        this.#admit(told, rollout, { raw, decision });
        break;
      case 'wave-passed':
        rollout.passed.set(decision.wave, raw);
        prove(told, rollout, decision.wave);
        break;
      case 'cluster-failed':
        rollout.phases.set(decision.cluster, { kind: 'failed' });
        break;
      case 'cluster-skipped':
        rollout.phases.set(decision.cluster, { kind: 'deferred', reason: 'skipped' });
        break;
      case 'stage-approved':
        rollout.approvals.set(decision.stage, raw);
        break;
      case 'wave-promoted':
        rollout.promotedWave = decision.wave;
        break;
      case 'rollout-paused':
        rollout.isPaused = decision.paused;
        break;
      case 'check-failed':
      case 'rollout-halted':
        rollout.isHalted = true;
        break;
      case 'rollout-resumed':
        resume(rollout);
        break;
      case 'rollout-succeeded':
      case 'rollout-superseded':
      case 'rollout-cancelled':
        end(told, rollout, raw);
        break;
      default:
    }
  }

  #start(
    told: ToldPlacement,
    rollout: ToldRollout,
    about: {
      readonly raw: RawEvent;
      readonly decision: Extract<PlacementDecision, { kind: 'wave-opened' | 'clusters-started' }>;
    },
  ): void {
    const { clusters, deferred, stage } = about.decision;
    for (const uid of clusters) {
      const target = rollout.plan.targets[uid];
      rollout.phases.set(uid, { kind: 'issued' });
      if (target !== undefined) this.#row(told, uid, { rollout, stage, target, raw: about.raw });
    }
    for (const [uid, reason] of Object.entries(deferred))
      rollout.phases.set(uid, { kind: 'deferred', reason });
  }

  #admit(
    told: ToldPlacement,
    rollout: ToldRollout,
    { decision, raw }: { readonly raw: RawEvent; readonly decision: ClustersAdmitted },
  ): void {
    const stage = Math.max(
      0,
      ...[...rollout.opened.keys()].map((wave) => rollout.plan.waves[wave]?.stage ?? 0),
    );
    const isStable = decision.basis === 'joined-stable';
    const release = isStable ? rollout.plan.stable?.digest : rollout.plan.release?.digest;
    for (const [uid, target] of Object.entries(decision.targets)) {
      if (!isStable) rollout.phases.set(uid, { kind: 'issued' });
      rollout.admitted.set(uid, decision.basis);
      this.#row(told, uid, { rollout, stage, target, raw, release });
    }
  }

  #row(
    told: ToldPlacement,
    uid: string,
    about: {
      readonly rollout: ToldRollout;
      readonly stage: number;
      readonly target: RolloutTarget;
      readonly raw: RawEvent;
      readonly release?: Digest | undefined;
    },
  ): void {
    const { raw, rollout, stage, target } = about;
    const release = target.kind === 'removal' ? undefined : (about.release ?? rollout.plan.release?.digest);
    const version = { epoch: this.#epoch, seq: raw.seq };
    const row = {
      version,
      rollout: rollout.plan.rollout,
      stage,
      target,
      release,
      storedAtMs: raw.storedAtMs,
    };
    told.rows.set(uid, row);
    told.allRows.set(`${uid} ${raw.seq}`, row);
  }
}

function plan(told: ToldPlacement, raw: RawEvent, decision: RolloutPlanned): void {
  const before = decision.rolloutKind === 'withdraw' ? told.withdraw : told.active;
  if (before !== undefined) end(told, before, raw);
  const rollout: ToldRollout = {
    placement: placementOf(raw),
    plan: decision,
    planned: raw,
    opened: new Map(),
    passed: new Map(),
    phases: new Map(),
    proven: new Map(),
    admitted: new Map(),
    approvals: new Map(),
    isHalted: false,
    isPaused: false,
    promotedWave: undefined,
    ended: undefined,
  };
  told.rollouts.set(decision.rollout, rollout);
  if (decision.rolloutKind === 'withdraw') told.withdraw = rollout;
  else told.active = rollout;
  if (decision.rejects !== undefined) told.rejected = { release: decision.rejects.release, event: raw };
}

/** Who got a row in a wave, and neither failed nor was left out, was proven when it passed. */
function prove(told: ToldPlacement, { phases, plan, proven }: ToldRollout, wave: number): void {
  for (const uid of plan.waves[wave]?.clusters ?? []) {
    const row = told.rows.get(uid);
    if (row?.rollout === plan.rollout && phases.get(uid)?.kind === 'issued') proven.set(uid, row.version.seq);
  }
}

/** What had failed is looked at again; what was allowed before does not count any more. */
function resume(rollout: ToldRollout): void {
  if (!rollout.isHalted) return;
  rollout.isHalted = false;
  rollout.approvals.clear();
  for (const [uid, phase] of rollout.phases)
    if (phase.kind === 'failed') rollout.phases.set(uid, { kind: 'issued' });
  const last = Math.max(...rollout.opened.keys());
  rollout.passed.delete(last);
}

function end(told: ToldPlacement, rollout: ToldRollout, raw: RawEvent): void {
  rollout.ended = raw;
  if (told.active === rollout) told.active = undefined;
  if (told.withdraw === rollout) told.withdraw = undefined;
}

function forget(told: ToldPlacement, uid: string): void {
  told.rows.delete(uid);
  told.approved.delete(uid);
  for (const rollout of [told.active, told.withdraw])
    if (rollout?.plan.targets[uid] !== undefined)
      rollout.phases.set(uid, { kind: 'deferred', reason: 'removed' });
}
