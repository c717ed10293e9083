import { type Digest, type EventId, limits } from '@flotilla/shared/base';
import { decisionFormat, type Reasoned } from '@flotilla/shared/model';
import { type FleetBudget, foldBudget } from '../budget/index.ts';
import { admitJoiners } from './admit-joiners.ts';
import { withoutAgreed } from './by-facts.ts';
import { isChangeOver } from './change-over.ts';
import { decide, firstOf, type Step, wait } from './decide.ts';
import type { AdvanceResult, DraftDecision, RolloutEvidence } from './evidence.ts';
import { foldRollout } from './fold.ts';
import { frozenBy } from './in-force.ts';
import { planRelease } from './plan-release.ts';
import { planWithdraw } from './plan-withdraw.ts';
import { runRollout } from './run-rollout.ts';
import type { Rollout, RolloutState } from './state.ts';

/**
 * What to decide about a placement now. Level-triggered: call it whenever its log, its desired state or evidence of one
 * of its clusters changed, or `wakeAtMs` came. `nowMs` is the hub's wall clock, comparable with the log's stamps.
 * Decisions are taken one by one, each as if those before it were in the log already; so whoever appends only the first
 * ones of them and dies leaves a log from which the next look goes on.
 */
export function advanceRollout(state: RolloutState, evidence: RolloutEvidence, nowMs: number): AdvanceResult {
  const events: DraftDecision[] = [];
  let current = state;
  let { budget } = evidence.budget;
  for (;;) {
    const step = nextStep(current, withBudget(current, evidence, { budget, nowMs }), nowMs);
    if (step.kind === 'wait') {
      const { notes, held, wakeAtMs } = step;
      return { events, notes, held, wakeAtMs };
    }
    events.push(step.draft);
    // What rests on time passing is decided only with the stamp that the log gives.
    const isEnough = step.draft.payload.kind === 'tick' || events.length >= limits.decisionsPerLookMax;
    if (isEnough) return { events, notes: [], held: new Map(), wakeAtMs: nowMs };
    current = foldDraft(current, step.draft, nowMs);
    const { tokens } = step.draft;
    if (tokens !== undefined) budget = foldBudget(budget, { seq: budget.lastSeq + 1, payload: tokens });
  }
}

/** What the drafts so far have taken counts, and what this placement's own clusters do is judged by them. */
function withBudget(
  state: RolloutState,
  evidence: RolloutEvidence,
  now: { readonly budget: FleetBudget; readonly nowMs: number },
): RolloutEvidence {
  const { isOver } = evidence.budget;
  return {
    ...evidence,
    budget: {
      ...evidence.budget,
      budget: now.budget,
      isOver: (token) =>
        token.placement === state.placement ? isChangeOver(state, evidence, token, now.nowMs) : isOver(token),
    },
  };
}

function nextStep(state: RolloutState, known: RolloutEvidence, nowMs: number): Step {
  const evidence = withoutAgreed(state, known);
  const run = (rollout: Rollout | undefined, frozen?: Reasoned) =>
    rollout === undefined ? wait() : runRollout({ state, rollout, evidence, nowMs, frozen });
  return firstOf([
    () => forgetRemoved(state, evidence),
    () => noteUnmatch(state, evidence),
    () => planWithdraw(state, evidence),
    () => planRelease(state, evidence, nowMs),
    () => run(state.active, frozenBy(state, evidence, nowMs)),
    () => admitJoiners(state, evidence, nowMs),
    () => run(state.withdraw),
  ]);
}

/** A cluster whose registration a person deleted is no longer spoken of. */
function forgetRemoved(state: RolloutState, evidence: RolloutEvidence): Step {
  for (const cluster of evidence.removedClusters) {
    if (state.rows.has(cluster)) return decide(evidence, { kind: 'cluster-forgotten', cluster });
  }
  return wait();
}

/** Written down while the placement is there: when its file is gone, nobody could say. */
function noteUnmatch(state: RolloutState, evidence: RolloutEvidence): Step {
  const { desired } = evidence;
  const isNew =
    desired.kind === 'release' && state.onUnmatch !== undefined && state.onUnmatch !== desired.onUnmatch;
  return isNew ? decide(evidence, { kind: 'on-unmatch-set', mode: desired.onUnmatch }) : wait();
}

/** The state as if the draft were in the log; its rows have versions that no report can have, and no time has passed. */
function foldDraft(state: RolloutState, draft: DraftDecision, nowMs: number): RolloutState {
  const folded = foldRollout(state, {
    seq: state.lastSeq + 1,
    storedAtMs: nowMs,
    // Stand-ins that never leave this function's callers.
    hash: '' as Digest,
    epoch: provisionalEpoch,
    event: { format: decisionFormat, id: '' as EventId, atMs: nowMs, expectedSeq: state.lastSeq, ...draft },
  });
  return { ...folded, timeMs: state.timeMs };
}

const provisionalEpoch = 0;

/** Whether reports of clusters can change what is decided about a placement: only while a rollout runs. */
export function needsReports(state: RolloutState): boolean {
  return state.active !== undefined || state.withdraw !== undefined;
}
