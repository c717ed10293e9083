import {
  assertNever,
  type ClusterUid,
  err,
  ok,
  type PlacementName,
  type Result,
  type RolloutId,
} from '@flotilla/shared/base';
import type { PlacementDecision, Reasoned, RolloutKind } from '@flotilla/shared/model';
import { callUrgent } from './call-urgent.ts';
import type { RolloutEvidence } from './evidence.ts';
import { type Gate, gateOf, isApproved } from './gate.ts';
import { permitPrune } from './permit-prune.ts';
import { planUndo } from './plan-undo.ts';
import type { Rollout, RolloutState } from './state.ts';

/** What a person may do about the rollouts of a placement (rollout design, "Operations"). */
export type RolloutOperation =
  /** No wave opens until `resume`; what was started goes on, and failures are still seen. */
  | { readonly verb: 'pause' }
  /** Ends a pause, and a halt: what had failed is looked at again with fresh eyes. */
  | { readonly verb: 'resume' }
  /** Ends the rollout where it stands. Who got the release keeps it; nobody else gets it until `retry`. */
  | { readonly verb: 'abort' }
  /** Lets what comes after a stage begin; undefined = the stage that asks for it now. */
  | { readonly verb: 'approve'; readonly stage: string | undefined }
  /** Ends the soak of the wave that is open: Ready of exactly its row is enough. Skips no check of failure. */
  | { readonly verb: 'promote' }
  /** Lets the release that Git asks for replace what runs, pass windows that exempt urgent, and soak less. Skips no canary. */
  | { readonly verb: 'urgent' }
  /** Goes back to the stable release and rejects what is undone. */
  | { readonly verb: 'undo' }
  /** Lets what was rolled back, aborted, halted or skipped start again. */
  | { readonly verb: 'retry' }
  /** Leaves a cluster out of the rollout that runs. */
  | { readonly verb: 'skip'; readonly cluster: ClusterUid }
  /** Lets a cluster's agent delete exactly the list that it holds back. */
  | { readonly verb: 'approve-prune'; readonly cluster: ClusterUid; readonly hash: string };

/** What an operation comes to. */
export interface Operated {
  /** To append in order on condition that nobody else was first; empty = it is so already. */
  readonly decisions: readonly PlacementDecision[];
  /** The rollout that it is about. */
  readonly rollout: RolloutId;
  /** What is so now, as a clause after the rollout's name. */
  readonly text: string;
}

/** What a person asks of a placement. */
export interface OperationAsked {
  readonly operation: RolloutOperation;
  /** The rollout that the person looked at; undefined = the one that it must be. */
  readonly rollout: RolloutId | undefined;
  /** '' when none was given. */
  readonly reason: string;
}

/**
 * What a person's operation means now. Idempotent: asked again, it decides nothing and says that it is so. Fails with the
 * reason when it has no meaning in this state, or is about a rollout that is not the one that runs. Pure.
 */
export function operateRollout(
  state: RolloutState,
  evidence: RolloutEvidence,
  asked: OperationAsked & { readonly nowMs: number },
): Result<Operated, Reasoned> {
  const { operation, reason } = asked;
  switch (operation.verb) {
    case 'pause':
      return onRunning(state, asked, (rollout) => pause(rollout, true));
    case 'resume':
      return onRunning(state, asked, resume);
    case 'approve':
      return onRunning(state, asked, (rollout) => approve(rollout, operation.stage, asked.nowMs));
    case 'abort':
      return abort(state, asked);
    case 'promote':
      return onRunning(state, asked, promote);
    case 'skip':
      return onRunning(state, asked, (rollout) => skip(rollout, operation.cluster));
    case 'approve-prune':
      return permitPrune(state, evidence, { ...operation, rollout: asked.rollout });
    case 'urgent':
      return onRunning(state, asked, (rollout) => callUrgent(state, evidence, { ...asked, rollout }));
    case 'undo':
      return undo(state, evidence, asked);
    case 'retry':
      return retry(state, asked);
    default:
      return assertNever(operation, reason);
  }
}

type Outcome = Result<Operated, Reasoned>;

function onRunning(
  state: RolloutState,
  asked: OperationAsked,
  operate: (rollout: Rollout) => Outcome,
): Outcome {
  const rollout = running(state, asked.rollout);
  return rollout === undefined ? notRunning(state, asked.rollout) : operate(rollout);
}

/** The rollout that an operation means: the one named, else the one that moves a release, else the one that withdraws. */
function running({ active, withdraw }: RolloutState, id: RolloutId | undefined): Rollout | undefined {
  const all = [active, withdraw].filter((one) => one !== undefined);
  return id === undefined ? all[0] : all.find((one) => one.id === id);
}

function notRunning({ active, placement, withdraw }: RolloutState, id: RolloutId | undefined): Outcome {
  const now = active ?? withdraw;
  const instead = now === undefined ? `no rollout of ${placement} runs` : `${now.id} runs now`;
  return refuse('NotRunning', id ?? placement, id === undefined ? instead : `${id} does not run; ${instead}`);
}

/** Asked again, what ends one of them would end the other. */
function severalRun(placement: PlacementName, active: Rollout, withdraw: Rollout): Outcome {
  const name = ({ id, plan }: Rollout) => `${id} (${plan.rolloutKind})`;
  const text = `${name(active)} and ${name(withdraw)} run: say which, as in flotilla rollout abort ${active.id}`;
  return refuse('SeveralRun', placement, text);
}

function pause({ id, isPaused }: Rollout, paused: boolean): Outcome {
  const text = 'is paused: what was started goes on, no further wave opens';
  return done(id, text, isPaused === paused ? [] : [{ kind: 'rollout-paused', rollout: id, paused }]);
}

function resume({ id, isPaused, status }: Rollout): Outcome {
  const unpaused = isPaused ? [{ kind: 'rollout-paused', rollout: id, paused: false } as const] : [];
  const unhalted = status.kind === 'halted' ? [{ kind: 'rollout-resumed', rollout: id } as const] : [];
  return done(id, 'goes on', [...unpaused, ...unhalted]);
}

function abort(state: RolloutState, asked: OperationAsked): Outcome {
  const rollout = running(state, asked.rollout);
  const before = state.history.find((one) => asked.rollout === undefined || one.id === asked.rollout);
  const textOf = (kind: RolloutKind) =>
    kind === 'withdraw'
      ? 'is aborted: clusters that it has not reached keep the placement until retry'
      : 'is aborted: who has its release keeps it, nobody else gets it';
  if (rollout === undefined && before?.outcome === 'cancelled')
    return done(before.id, textOf(before.kind), []);
  if (rollout === undefined) return notRunning(state, asked.rollout);
  if (asked.rollout === undefined && state.active !== undefined && state.withdraw !== undefined)
    return severalRun(state.placement, state.active, state.withdraw);
  const text = asked.reason === '' ? 'no reason was given' : asked.reason;
  const payload = { kind: 'rollout-cancelled', rollout: rollout.id, text } as const;
  return done(rollout.id, textOf(rollout.plan.rolloutKind), [payload]);
}

/** Only what a rollout asks for now can be approved: a yes before the checks says nothing (R15). */
function approve(rollout: Rollout, name: string | undefined, nowMs: number): Outcome {
  const { id, plan } = rollout;
  const { stages } = plan.strategy;
  const gate = gateOf(rollout, nowMs);
  if (gate?.kind === 'approval' && (name ?? gate.name) === gate.name) {
    const payload = { kind: 'stage-approved', rollout: id, stage: gate.stage } as const;
    return done(id, `goes on after stage ${gate.name}`, [payload]);
  }
  const isAsked = (index: number) => name === undefined || stages[index]?.name === name;
  const approved = stages.findLastIndex((_one, index) => isAsked(index) && isApproved(rollout, index, nowMs));
  if (approved >= 0) return done(id, `is approved after stage ${stages[approved]?.name} already`, []);
  const known = stages.map((one) => one.name).join(', ');
  if (name !== undefined && !stages.some((one) => one.name === name))
    return refuse('UnknownStage', id, `strategy ${plan.strategy.name} has no stage ${name}; it has ${known}`);
  return refuse('NothingToApprove', id, `${id} ${asksNow(gate)}`);
}

function asksNow(gate: Gate | undefined): string {
  if (gate === undefined) return 'asks for no approval now';
  return gate.kind === 'check'
    ? `waits for check ${gate.check.name} of stage ${gate.name} first`
    : `asks for the approval of stage ${gate.name}`;
}

function promote({ id, plan, promotedWave, status }: Rollout): Outcome {
  if (status.kind !== 'open') return refuse('NothingSoaks', id, `no wave of ${id} is open (${status.kind})`);
  const { wave } = status;
  const text = `goes on as soon as the clusters of wave ${wave + 1} of ${plan.waves.length} are Ready, without waiting for the rest of its soak`;
  return done(id, text, promotedWave === wave ? [] : [{ kind: 'wave-promoted', rollout: id, wave }]);
}

function skip({ clusters, id, plan }: Rollout, cluster: ClusterUid): Outcome {
  const one = clusters.get(cluster);
  if (plan.rolloutKind === 'withdraw') {
    const text = 'a withdrawal leaves no cluster out: give the cluster back to the placement in Git';
    return refuse('Withdraw', id, text);
  }
  if (one === undefined) return refuse('NotTarget', id, `the cluster is no target of ${id}`);
  const text = 'goes on without the cluster; it gets the release by retry, or with the next one';
  const isSkipped = one.phase.kind === 'deferred' && one.phase.reason === 'skipped';
  if (one.phase.kind === 'ready') return refuse('Ready', id, 'the cluster is Ready at this release already');
  return done(id, text, isSkipped ? [] : [{ kind: 'cluster-skipped', rollout: id, cluster }]);
}

function undo(
  state: RolloutState,
  evidence: RolloutEvidence,
  asked: OperationAsked & { readonly nowMs: number },
): Outcome {
  const { aborted, active, rejected } = state;
  const isOver = active === undefined && aborted === undefined && rejected !== undefined;
  const isUnderWay = active?.plan.rejects !== undefined || isOver;
  const undone = rejected?.rollout;
  const text = `is undone: every cluster goes back to the stable release`;
  if (isUnderWay && undone !== undefined && (asked.rollout ?? undone) === undone)
    return done(undone, text, []);
  const plan = planUndo(state, evidence, { text: asked.reason || 'no reason was given', nowMs: asked.nowMs });
  if (!plan.ok) return plan;
  const id = plan.value.rejects?.rollout ?? plan.value.rollout;
  if (asked.rollout !== undefined && asked.rollout !== id)
    return refuse('NotTheLast', asked.rollout, `${asked.rollout} is not the last change; that is ${id}`);
  return done(id, `is undone by ${plan.value.rollout}`, [plan.value]);
}

function retry(state: RolloutState, asked: OperationAsked): Outcome {
  const { aborted, active, kept, rejected, skipped } = state;
  const text = asked.reason === '' ? 'a person said retry' : asked.reason;
  const releases = new Set([rejected?.release, aborted?.release, ...skipped.values()]);
  const lifted: PlacementDecision[] = [...releases].flatMap((release) =>
    release === undefined ? [] : [{ kind: 'rejection-lifted', release, text }],
  );
  if (kept !== undefined) lifted.push({ kind: 'keep-lifted', clusters: [...kept.clusters].sort() });
  const of = rejected?.rollout ?? aborted?.rollout ?? kept?.rollout ?? active?.id ?? state.history[0]?.id;
  // A rollback that stands still is resumed; to try its release again is another wish.
  const isHalted = active?.status.kind === 'halted' && rejected === undefined;
  if (of === undefined || (lifted.length === 0 && !isHalted))
    return refuse('NothingToRetry', state.placement, `nothing of ${state.placement} waits for a retry`);
  if (active !== undefined && isHalted) lifted.push({ kind: 'rollout-resumed', rollout: active.id });
  return done(of, 'is tried again', lifted);
}

function done(rollout: RolloutId, text: string, decisions: readonly PlacementDecision[]): Outcome {
  return ok({ decisions, rollout, text });
}

function refuse(code: string, subject: string, text: string): Outcome {
  return err({ code, text, subject });
}
