import type { Digest } from '@flotilla/shared/base';
import type { ClustersAdmitted, PlacementDecision, RolloutTarget, RowsAdopted } from '@flotilla/shared/model';
import { placementDecision, placementOf, type RawEvent } from './raw-log.ts';
import { type Adoption, adoptedRollout, nothingTold, type ToldPlacement, type ToldRollout } from './told.ts';
import { end, forget, plan, prove, resume } from './told-steps.ts';

/**
 * What the log says, read message by message without the hub's own folds: plain bookkeeping of who was told what, from
 * which the oracles judge the next message.
 */
export class Ledger {
  readonly placements = new Map<string, ToldPlacement>();
  readonly adoptions: Adoption[] = [];
  /** Commits that a person accepted, and when. */
  readonly accepted: { readonly commit: string; readonly seq: number }[] = [];
  /** Since when an epoch above the first waits for a person, as the log is stamped; undefined = none does. */
  unconfirmedSinceMs: number | undefined;
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
    if (payload.kind === 'epoch-raised') this.#raise(payload.epoch, raw.storedAtMs);
    if (payload.kind === 'epoch-confirmed' && payload.epoch === this.#epoch)
      this.unconfirmedSinceMs = undefined;
    if (payload.kind === 'control-adopted')
      this.adoptions.push({ seq: raw.seq, storedAtMs: raw.storedAtMs, payload });
    if (payload.kind === 'source-accepted') this.accepted.push({ commit: payload.commit, seq: raw.seq });
    const decision = placementDecision(raw);
    if (decision !== undefined) this.#takePlacement(this.of(placementOf(raw)), raw, decision);
  }

  /** The log lost its end: what it says now is this alone. */
  restart(events: readonly RawEvent[]): void {
    this.placements.clear();
    this.adoptions.length = 0;
    this.accepted.length = 0;
    this.unconfirmedSinceMs = undefined;
    for (const raw of events) this.take(raw);
  }

  #raise(epoch: number, atMs: number): void {
    this.#epoch = epoch;
    this.unconfirmedSinceMs = epoch > 1 ? atMs : undefined;
  }

  #takePlacement(told: ToldPlacement, raw: RawEvent, decision: PlacementDecision): void {
    if (decision.kind === 'rollout-planned') plan(told, raw, decision);
    if (decision.kind === 'withdraw-approved') for (const uid of decision.clusters) told.approved.add(uid);
    if (decision.kind === 'rejection-lifted' && told.rejected?.release === decision.release)
      told.rejected = undefined;
    if (decision.kind === 'release-urgent') told.urgent.add(decision.release);
    if (decision.kind === 'cluster-forgotten') forget(told, decision.cluster);
    if (decision.kind === 'rows-adopted') this.#adopt(told, raw, decision);
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

  /** What clusters hold was written down again. */
  #adopt(
    told: ToldPlacement,
    { seq, storedAtMs }: RawEvent,
    { releases, targets, unknown }: RowsAdopted,
  ): void {
    for (const uid of unknown) told.rows.delete(uid);
    for (const [uid, target] of Object.entries(targets)) {
      const release = target.kind === 'removal' ? undefined : releases[target.digest];
      const version = { epoch: this.#epoch, seq };
      const row = { version, rollout: adoptedRollout, stage: 0, target, release, storedAtMs };
      told.rows.set(uid, row);
      told.allRows.set(`${uid} ${seq}`, row);
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
