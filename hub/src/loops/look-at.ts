import type { PlacementName } from '@flotilla/shared/base';
import type { Logger } from '@flotilla/shared/kit';
import type { Reasoned } from '@flotilla/shared/model';
import { type AdvanceResult, advanceRollout, type DraftDecision } from '../core/index.ts';
import { appendBatch, appendDecision, budgetSubject, type DecidingDeps } from './append.ts';
import { placementSubject } from './fleet-state.ts';
import type { LookTurn } from './look-turn.ts';
import { type EvidenceDeps, rolloutEvidence } from './rollout-evidence.ts';
import type { Turns } from './turns.ts';

/** What deciding about placements needs. */
export interface LookDeps extends DecidingDeps, EvidenceDeps {
  readonly log: Logger;
}

/** What is looked at, and whose turn it is. */
export interface LookAbout {
  readonly name: PlacementName;
  /** Which process appends. */
  readonly turn: LookTurn;
  /** Which placement of this process takes from the budget. */
  readonly budgetTurns: Turns;
}

/** What came of a look. */
export interface LookOutcome {
  readonly wakeAtMs: number | undefined;
  readonly waitsForBudget: boolean;
}

/**
 * Decides and appends; returns when to look again. What was appended wakes the placement by being folded. Those of one process
 * that take from the budget do so one after the other, each by a look of its own: together all but one of them would lose
 * the race for the budget's subject, ask the log why, and look again.
 */
export async function lookAt(deps: LookDeps, about: LookAbout, signal: AbortSignal): Promise<LookOutcome> {
  const look = decide(deps, about);
  if (look.kind === 'nothing') return look.outcome;
  const first = look.result.events.findIndex((draft) => draft.tokens !== undefined);
  if (first < 0) return await appendThem(deps, look, look.result.events, signal);
  const before = await appendThem(deps, look, look.result.events.slice(0, first), signal);
  if (before === lostRace) return before;
  return await about.budgetTurns.take(async () => {
    const again = decide(deps, about);
    return again.kind === 'nothing'
      ? again.outcome
      : await appendThem(deps, again, again.result.events, signal);
  });
}

/** A look that may lead to decisions of this process, or not. */
type Look =
  | { readonly kind: 'nothing'; readonly outcome: LookOutcome }
  | {
      readonly kind: 'look';
      readonly name: PlacementName;
      readonly result: AdvanceResult;
      readonly expected: Expected;
    };

function decide(deps: LookDeps, { name, turn }: LookAbout): Look {
  const nowMs = deps.clock.wallMs();
  const known = deps.fleet.placementOf(name);
  const { unconfirmed } = deps.fleet.epoch;
  if (unconfirmed !== undefined) {
    deps.fleet.setNotes(name, { notes: [epochNote(unconfirmed.text)], held: new Map() });
    return { kind: 'nothing', outcome: { wakeAtMs: undefined, waitsForBudget: false } };
  }
  const evidence = rolloutEvidence(deps, name, nowMs);
  const result = advanceRollout(known.state, evidence, nowMs);
  deps.fleet.setNotes(name, result);
  const { lastSeq } = known.state;
  const leftUntilMs = turn.leftUntilMs(name, { isDue: result.events.length > 0, lastSeq }, nowMs);
  if (leftUntilMs !== undefined)
    return { kind: 'nothing', outcome: { wakeAtMs: leftUntilMs, waitsForBudget: false } };
  return { kind: 'look', name, result, expected: { own: lastSeq, budget: evidence.budget.budget.lastSeq } };
}

/** Somebody else was first: their event is folded by now, or soon will be, and what they did counts in the next look. */
const lostRace: LookOutcome = { wakeAtMs: 0, waitsForBudget: false };

async function appendThem(
  deps: LookDeps,
  look: Extract<Look, { readonly kind: 'look' }>,
  drafts: readonly DraftDecision[],
  signal: AbortSignal,
): Promise<LookOutcome> {
  const { name, result } = look;
  let { expected } = look;
  for (const draft of drafts) {
    const appended = await appendDraft(deps, { name, draft, expected }, signal);
    if (appended === undefined) return lostRace;
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
  deps: LookDeps,
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
