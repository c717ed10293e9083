import type { PlacementName, Result, RolloutId } from '@flotilla/shared/base';
import { err, ok } from '@flotilla/shared/base';
import type { PlacementDecision, RolloutOperated } from '@flotilla/shared/model';
import type { ActionRefusal, RolloutRequest } from '../api-port.ts';
import { operateRollout as operate, type RolloutOperation, type RolloutState } from '../core/index.ts';
import { busAway, starting } from './action-refusals.ts';
import { appendDecision, type DecidingDeps } from './append.ts';
import type { Fleet } from './fleet.ts';
import { placementSubject } from './fleet-state.ts';
import { refusalFor, sequenceOld, tooManyConflicts, unknownName } from './operate-refusals.ts';
import { type EvidenceDeps, rolloutEvidence } from './rollout-evidence.ts';

const triesMax = 5;

/** What operations need: the log, and the same evidence as the rollout loop. */
export type OperatingDeps = DecidingDeps & EvidenceDeps;

/** A request whose names have been found. */
interface Asked {
  readonly request: RolloutRequest;
  readonly placement: PlacementName;
  readonly rollout: RolloutId | undefined;
  readonly operation: RolloutOperation;
}

/** How far one attempt came. */
interface Attempt {
  /** Nobody came in between: everything that was to decide is decided. */
  readonly isWhole: boolean;
  readonly appended: number;
  readonly lastSeq: number;
}

/** What a person wants of a rollout (api-port.ts): decide on what is folded, append, and decide again after a conflict. */
export async function operateRollout(
  deps: OperatingDeps,
  request: RolloutRequest,
  signal: AbortSignal,
): Promise<Result<RolloutOperated, ActionRefusal>> {
  if (!deps.fleet.isReady) return err(starting());
  const found = findNames(deps.fleet, request);
  if (!found.ok) return found;
  const asked = found.value;
  const { placement, rollout, operation } = asked;
  let appended = 0;
  for (let attempt = 0; attempt < triesMax; attempt += 1) {
    const { state } = deps.fleet.placementOf(placement);
    // What this operation decided itself is no surprise to whoever asked for it.
    const isPinned = appended === 0 && request.expectedSeq !== undefined;
    if (isPinned && request.expectedSeq !== state.lastSeq)
      return err(sequenceOld(request, placement, state.lastSeq));
    const wanted = { operation, rollout, reason: request.by.reason, nowMs: deps.clock.wallMs() };
    const operated = operate(state, rolloutEvidence(deps, placement, deps.clock.wallMs()), wanted);
    if (!operated.ok) return err(refusalFor(request, placement, operated.error));
    const { decisions, text, rollout: about } = operated.value;
    const came = await appendAll(deps, asked, decisions, signal);
    if (!came.ok) return came;
    appended += came.value.appended;
    if (!came.value.isWhole) continue;
    const { verb } = operation;
    const { lastSeq } = came.value;
    return ok({ rollout: about, placement, verb, text, isChanged: appended > 0, lastSeq });
  }
  return err(tooManyConflicts(request, placement, triesMax));
}

/** Appends the decisions of one operation in order, each on condition that it follows the one before. */
async function appendAll(
  deps: OperatingDeps,
  { request, placement }: Asked,
  decisions: readonly PlacementDecision[],
  signal: AbortSignal,
): Promise<Result<Attempt, ActionRefusal>> {
  const { by } = request;
  const actor = { kind: 'person', name: by.actor, reason: by.reason } as const;
  const subject = placementSubject(placement);
  let expectedSeq = deps.fleet.placementOf(placement).state.lastSeq;
  let appended = 0;
  for (const payload of decisions) {
    try {
      const decision = { subject, actor, expectedSeq, evidence: undefined, payload };
      const outcome = await appendDecision(deps, decision, signal);
      if (outcome.kind === 'conflict') return ok({ isWhole: false, appended, lastSeq: outcome.lastSeq });
      expectedSeq = outcome.seq;
      appended += 1;
    } catch (error) {
      signal.throwIfAborted();
      const begun = `${appended} of ${decisions.length} decisions are made; asking again completes them`;
      return err(busAway(error, appended === 0 ? undefined : begun));
    }
  }
  return ok({ isWhole: true, appended, lastSeq: expectedSeq });
}

function findNames(fleet: Fleet, request: RolloutRequest): Result<Asked, ActionRefusal> {
  const place = placeOf(fleet, request);
  if (place === undefined) return err(unknownName(request.target.kind, request.target.name));
  const { operation } = request;
  if (operation.verb !== 'skip' && operation.verb !== 'approve-prune')
    return ok({ request, ...place, operation });
  const all = [...fleet.snapshot.clusters.values()].map((one) => one.cluster);
  const cluster = all.find((one) => one.name === operation.cluster)?.uid;
  if (cluster === undefined) return err(unknownName('cluster', operation.cluster));
  return ok({ request, ...place, operation: { ...operation, cluster } });
}

function placeOf(
  { snapshot }: Fleet,
  { target }: RolloutRequest,
): Pick<Asked, 'placement' | 'rollout'> | undefined {
  if (target.kind === 'placement') {
    // A text that is no placement's name finds nothing.
    const placement = target.name as PlacementName;
    return snapshot.placements.has(placement) ? { placement, rollout: undefined } : undefined;
  }
  // A rollout's id is its placement's name and a number (ids.ts); a text that is none finds nothing.
  const placement = target.name.slice(0, target.name.lastIndexOf('-')) as PlacementName;
  const rollout = idsOf(snapshot.placements.get(placement)?.state).find((id) => id === target.name);
  return rollout && { placement, rollout };
}

function idsOf(state: RolloutState | undefined): readonly RolloutId[] {
  if (state === undefined) return [];
  const known = [state.active, state.withdraw, ...state.history];
  return known.flatMap((one) => (one === undefined ? [] : [one.id]));
}
