import type { PlacementName, Random } from '@flotilla/shared/base';
import { type Logger, type Loop, startLoop } from '@flotilla/shared/kit';
import type { Reasoned } from '@flotilla/shared/model';
import { advanceRollout, type DraftDecision } from '../core/index.ts';
import { appendBatch, appendDecision, budgetSubject, type DecidingDeps } from './append.ts';
import { BudgetWaiters } from './budget-waiters.ts';
import { Dependents } from './dependents.ts';
import { placementSubject } from './fleet-state.ts';
import type { LookLease } from './lease.ts';
import { LookTurn } from './look-turn.ts';
import { type EvidenceDeps, rolloutEvidence } from './rollout-evidence.ts';

/** What the rollout loop needs besides the log. */
export interface RolloutDeps extends DecidingDeps, EvidenceDeps {
  readonly random: Random;
  readonly log: Logger;
  /** Undefined = this process always looks. */
  readonly lease?: Pick<LookLease, 'leavesItForMs'>;
}

/** A look judges every cluster of a wave: a fleet that reports, comes or goes must not cost one for each cluster. */
const spacingMs = 100;

/** How old a text that only time changes may become: how long somebody has soaked. */
const agingMs = 5_000;

/** What opens by the wall clock may open earlier than a sleep ends: clocks are set, and machines are suspended. */
const lookAgainMs = 600_000;

/**
 * Moves placements: looks at a placement whenever its log, rule or evidence changed, asks the core what to decide, and
 * appends it on condition that nobody else was first. Whoever loses a race folds the winner's event and looks again.
 */
export function startRollouts(deps: RolloutDeps, signal: AbortSignal): Loop<PlacementName> {
  const { fleet } = deps;
  const waiting = new BudgetWaiters();
  const turn = new LookTurn(deps.lease);
  const loop = startLoop<PlacementName>(
    {
      name: 'rollout',
      clock: deps.clock,
      random: deps.random,
      log: deps.log,
      parallelism: 8,
      backoff: { baseMs: 500, capMs: 30_000 },
      keysMax: 20_000,
      spacingMs,
      reconcile: async (name, aborted) => {
        if (!fleet.isReady) return { kind: 'done' };
        waiting.looks();
        const { waitsForBudget, wakeAtMs } = await advance(deps, { name, turn }, aborted);
        waiting.set(name, waitsForBudget);
        forgetIfGone(deps, name);
        return wakeAtMs === undefined
          ? { kind: 'done' }
          : { kind: 'after', ms: Math.min(lookAgainMs, Math.max(0, wakeAtMs - deps.clock.wallMs())) };
      },
    },
    signal,
  );
  const dependents = new Dependents();
  const removals = [
    fleet.onWork.add((name) => void loop.add(name)),
    fleet.onAging.add((name) => void loop.addWithin(name, agingMs)),
    fleet.onPlacement.add((name) => {
      // What happens to one placement may leave room in the budget for those that wait for it.
      for (const other of waiting.news()) loop.add(other);
      // What a cluster says of a placement is evidence for those that depend on it.
      dependents.set(name, fleet.placementOf(name).spec);
      for (const other of dependents.of(name)) loop.add(other);
    }),
  ];
  signal.addEventListener('abort', () => removals.forEach((remove) => void remove()), { once: true });
  return loop;
}

/** What came of a look. */
interface Looked {
  readonly wakeAtMs: number | undefined;
  readonly waitsForBudget: boolean;
}

/** Decides and appends; returns when to look again. What was appended wakes the placement by being folded. */
async function advance(
  deps: RolloutDeps,
  { name, turn }: { readonly name: PlacementName; readonly turn: LookTurn },
  signal: AbortSignal,
): Promise<Looked> {
  const nowMs = deps.clock.wallMs();
  const known = deps.fleet.placementOf(name);
  const { unconfirmed } = deps.fleet.epoch;
  if (unconfirmed !== undefined) {
    deps.fleet.setNotes(name, { notes: [epochNote(unconfirmed.text)], held: new Map() });
    return { wakeAtMs: undefined, waitsForBudget: false };
  }
  const evidence = rolloutEvidence(deps, name, nowMs);
  const result = advanceRollout(known.state, evidence, nowMs);
  deps.fleet.setNotes(name, result);
  const leftUntilMs = turn.leftUntilMs(
    name,
    { isDue: result.events.length > 0, lastSeq: known.state.lastSeq },
    nowMs,
  );
  if (leftUntilMs !== undefined) return { wakeAtMs: leftUntilMs, waitsForBudget: false };
  let expected = { own: known.state.lastSeq, budget: evidence.budget.budget.lastSeq };
  for (const draft of result.events) {
    const appended = await appendDraft(deps, { name, draft, expected }, signal);
    // Somebody else was first: their event is folded by now, or soon will be, and what they did counts in the next look.
    if (appended === undefined) return { wakeAtMs: nowMs, waitsForBudget: false };
    expected = appended;
    say(deps.log, name, draft);
  }
  const waitsForBudget = result.notes.some((note) => note.code === 'FleetBudget');
  return { wakeAtMs: result.wakeAtMs, waitsForBudget };
}

/** Why nothing moves after the log lost decisions. */
export function epochNote(text: string): Reasoned {
  return {
    code: 'EpochUnconfirmed',
    text: `decisions were lost (${text}); what clusters hold stays, and nothing starts until a person has looked: flotilla epoch confirm`,
    subject: 'hub',
  };
}

/** What the next append must expect of the placement's subject and of the budget's. */
interface Expected {
  readonly own: number;
  readonly budget: number;
}

/**
 * Appends one decision, and with it the tokens that its clusters take. The placement's event comes first: whoever has
 * folded a token knows the rows that it was taken for.
 */
async function appendDraft(
  deps: RolloutDeps,
  about: { readonly name: PlacementName; readonly draft: DraftDecision; readonly expected: Expected },
  signal: AbortSignal,
): Promise<Expected | undefined> {
  const { name, expected } = about;
  const { tokens, ...draft } = about.draft;
  const own = { subject: placementSubject(name), expectedSeq: expected.own, ...draft };
  if (tokens === undefined) {
    const outcome = await appendDecision(deps, own, signal);
    return outcome.kind === 'conflict' ? undefined : { ...expected, own: outcome.seq };
  }
  const { actor } = draft;
  const taken = {
    subject: budgetSubject,
    expectedSeq: expected.budget,
    actor,
    evidence: undefined,
    payload: tokens,
  };
  const [ownSeq, budgetSeq] = (await appendBatch(deps, [own, taken], signal)) ?? [];
  return ownSeq === undefined || budgetSeq === undefined ? undefined : { own: ownSeq, budget: budgetSeq };
}

/** A placement that left Git and whose rows are all gone holds nothing any more. */
function forgetIfGone(deps: RolloutDeps, name: PlacementName): void {
  const { spec, state, desired } = deps.fleet.placementOf(name);
  const isIdle = state.active === undefined && state.withdraw === undefined && state.held === undefined;
  if (spec === undefined && desired.kind === 'absent' && state.lastSeq === 0 && isIdle) {
    deps.fleet.forgetPlacement(name);
  }
}

function say(log: Logger, placement: PlacementName, { payload }: DraftDecision): void {
  if (payload.kind === 'tick') return;
  const rollout = 'rollout' in payload ? payload.rollout : undefined;
  const wave = 'wave' in payload ? payload.wave : undefined;
  const reason = 'text' in payload ? payload.text : undefined;
  const fields = { placement, event: payload.kind, rollout, wave, reason };
  const isBad = payload.kind === 'rollout-halted' || payload.kind === 'cluster-failed';
  if (isBad) log.warn('decided', fields);
  else log.info('decided', fields);
}
