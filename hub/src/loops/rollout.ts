import type { PlacementName, Random } from '@flotilla/shared/base';
import { type Loop, startLoop } from '@flotilla/shared/kit';
import { BudgetWaiters } from './budget-waiters.ts';
import { Dependents } from './dependents.ts';
import type { LookLease } from './lease.ts';
import { type LookDeps, lookAt } from './look-at.ts';
import { LookTurn } from './look-turn.ts';
import { Turns } from './turns.ts';

/** What the rollout loop needs besides the log. */
export interface RolloutDeps extends LookDeps {
  readonly random: Random;
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
  const budgetTurns = new Turns();
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
        const { waitsForBudget, wakeAtMs } = await lookAt(deps, { name, turn, budgetTurns }, aborted);
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

/** A placement that left Git and whose rows are all gone holds nothing any more. */
function forgetIfGone(deps: RolloutDeps, name: PlacementName): void {
  const { spec, state, desired } = deps.fleet.placementOf(name);
  const isIdle = state.active === undefined && state.withdraw === undefined && state.held === undefined;
  if (spec === undefined && desired.kind === 'absent' && state.lastSeq === 0 && isIdle) {
    deps.fleet.forgetPlacement(name);
  }
}
