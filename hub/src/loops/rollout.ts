import type { PlacementName, Random } from '@flotilla/shared/base';
import { type Logger, type Loop, startLoop } from '@flotilla/shared/kit';
import { advanceRollout, type DraftDecision } from '../core/index.ts';
import { appendDecision, type DecidingDeps } from './append.ts';
import { Dependents } from './dependents.ts';
import { placementSubject } from './fleet-state.ts';
import { type EvidenceDeps, rolloutEvidence } from './rollout-evidence.ts';

/** What the rollout loop needs besides the log. */
export interface RolloutDeps extends DecidingDeps, EvidenceDeps {
  readonly random: Random;
  readonly log: Logger;
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
  const dependents = new Dependents();
  const removals = [
    fleet.onWork.add((name) => loop.add(name)),
    // What a cluster says of a placement is evidence for those that depend on it.
    fleet.onPlacement.add((name) => {
      dependents.set(name, fleet.placementOf(name).spec);
      for (const other of dependents.of(name)) loop.add(other);
    }),
  ];
  signal.addEventListener('abort', () => removals.forEach((remove) => void remove()), { once: true });
  return loop;
}

/** Decides and appends; returns when to look again. What was appended wakes the placement by being folded. */
async function advance(
  deps: RolloutDeps,
  name: PlacementName,
  signal: AbortSignal,
): Promise<number | undefined> {
  const known = deps.fleet.placementOf(name);
  const result = advanceRollout(known.state, rolloutEvidence(deps, name), deps.clock.wallMs());
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
