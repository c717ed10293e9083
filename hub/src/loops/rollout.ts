import type { GitId, PlacementName, Random } from '@flotilla/shared/base';
import { type Logger, type Loop, startLoop } from '@flotilla/shared/kit';
import type { Actor } from '@flotilla/shared/model';
import {
  type Acceptance,
  advanceRollout,
  type DraftDecision,
  desiredNow,
  evidenceFor,
  type KnownPlacement,
  type RolloutEvidence,
} from '../core/index.ts';
import { appendDecision, type DecidingDeps } from './append.ts';
import { placementSubject } from './fleet-state.ts';
import { controlSource } from './remotes.ts';

/** What the rollout loop needs besides the log. */
export interface RolloutDeps extends DecidingDeps {
  readonly random: Random;
  readonly log: Logger;
  /** Since when this hub has been unbrokenly healthy, wall clock; undefined = it is not. */
  readonly healthySinceMs: () => number | undefined;
  readonly actor: Actor;
}

/** A look judges every cluster of a wave: a fleet that reports, comes or goes must not cost one for each cluster. */
const spacingMs = 100;

/**
 * Moves placements: looks at a placement whenever its log, rule or evidence changed, asks the core what to decide, and
 * appends it on condition that nobody else was first. Whoever loses a race folds the winner's event and looks again.
 */
export function startRollouts(deps: RolloutDeps, signal: AbortSignal): Loop<PlacementName> {
  const { fleet } = deps;
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
        const wakeAtMs = await advance(deps, name, aborted);
        forgetIfGone(deps, name);
        return wakeAtMs === undefined
          ? { kind: 'done' }
          : { kind: 'after', ms: Math.max(0, wakeAtMs - deps.clock.wallMs()) };
      },
    },
    signal,
  );
  const remove = fleet.onWork.add((name) => loop.add(name));
  signal.addEventListener('abort', remove, { once: true });
  return loop;
}

/** Decides and appends; returns when to look again. What was appended wakes the placement by being folded. */
async function advance(
  deps: RolloutDeps,
  name: PlacementName,
  signal: AbortSignal,
): Promise<number | undefined> {
  const known = deps.fleet.placementOf(name);
  const result = advanceRollout(known.state, evidenceOf(deps, name, known), deps.clock.wallMs());
  deps.fleet.setNotes(name, result.notes);
  let expectedSeq = known.state.lastSeq;
  for (const draft of result.events) {
    const outcome = await appendDecision(
      deps,
      { subject: placementSubject(name), expectedSeq, ...draft },
      signal,
    );
    // Somebody else was first: their event is folded by now and has put the placement into line again.
    if (outcome.kind === 'conflict') return undefined;
    expectedSeq = outcome.seq;
    say(deps.log, name, draft);
  }
  return result.wakeAtMs;
}

function evidenceOf(deps: RolloutDeps, name: PlacementName, known: KnownPlacement): RolloutEvidence {
  const { fleet } = deps;
  return {
    desired: desiredNow(known.desired, fleet.control.adoptedSeq),
    clusterOf: (uid) => {
      const cluster = fleet.snapshot.clusters.get(uid);
      return cluster && evidenceFor(cluster, name);
    },
    removedClusters: fleet.removed,
    hubHealthySinceMs: deps.healthySinceMs(),
    self: deps.actor,
    acceptedCommits: fleet.control.accepted.get(controlSource) ?? noCommits,
  };
}

const noCommits: ReadonlyMap<GitId, Acceptance> = new Map();

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
