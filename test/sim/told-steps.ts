import type { RolloutPlanned } from '@flotilla/shared/model';
import { placementOf, type RawEvent } from './raw-log.ts';
import type { ToldPlacement, ToldRollout } from './told.ts';

/** A rollout was planned; one of its kind that ran before has ended. */
export function plan(told: ToldPlacement, raw: RawEvent, decision: RolloutPlanned): void {
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
export function prove(told: ToldPlacement, { phases, plan, proven }: ToldRollout, wave: number): void {
  for (const uid of plan.waves[wave]?.clusters ?? []) {
    const row = told.rows.get(uid);
    if (row?.rollout === plan.rollout && phases.get(uid)?.kind === 'issued') proven.set(uid, row.version.seq);
  }
}

/** What had failed is looked at again; what was allowed before does not count any more. */
export function resume(rollout: ToldRollout): void {
  if (!rollout.isHalted) return;
  rollout.isHalted = false;
  rollout.approvals.clear();
  for (const [uid, phase] of rollout.phases)
    if (phase.kind === 'failed') rollout.phases.set(uid, { kind: 'issued' });
  const last = Math.max(...rollout.opened.keys());
  rollout.passed.delete(last);
}

/** A rollout has ended. */
export function end(told: ToldPlacement, rollout: ToldRollout, raw: RawEvent): void {
  rollout.ended = raw;
  if (told.active === rollout) told.active = undefined;
  if (told.withdraw === rollout) told.withdraw = undefined;
}

/** A cluster was forgotten, whatever it was told. */
export function forget(told: ToldPlacement, uid: string): void {
  told.rows.delete(uid);
  told.approved.delete(uid);
  for (const rollout of [told.active, told.withdraw])
    if (rollout?.plan.targets[uid] !== undefined)
      rollout.phases.set(uid, { kind: 'deferred', reason: 'removed' });
}
