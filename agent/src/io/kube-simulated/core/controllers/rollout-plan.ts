import type { Value, ValueObject } from '../values.ts';
import { numberAt, textAt, valueAt } from '../values.ts';
import { nameOf } from './context.ts';

/** The ReplicaSets that a plan is made for. */
export interface PlannedSets {
  readonly current: ValueObject | undefined;
  readonly old: readonly ValueObject[];
}

/** How many replicas each ReplicaSet should have next. */
export interface RolloutPlan {
  readonly current: number;
  /** By name. */
  readonly old: ReadonlyMap<string, number>;
  /** Pods that may exist at once. */
  readonly maximum: number;
}

/** The next step of a Deployment's rollout: how far the new set may grow and the old ones must shrink. */
export function planRollout(deployment: ValueObject, sets: PlannedSets): RolloutPlan {
  const wanted = numberAt(deployment, 'spec', 'replicas') ?? 1;
  const has = (set: ValueObject | undefined) => numberAt(set, 'spec', 'replicas') ?? 0;
  const bounds = rolloutBounds(deployment, wanted);
  if (textAt(deployment, 'spec', 'strategy', 'type') === 'Recreate') return planRecreate(wanted, sets);
  const total = has(sets.current) + sum(sets.old.map(has));
  const room = Math.max(0, wanted + bounds.surge - total);
  const currentHas = has(sets.current);
  const current = currentHas > wanted ? wanted : Math.min(wanted, currentHas + room);
  return { current, old: shrink(sets, wanted - bounds.unavailable, total), maximum: wanted + bounds.surge };
}

/** Recreate: the new set waits until no old pod is left. */
function planRecreate(wanted: number, sets: PlannedSets): RolloutPlan {
  const running = sum(sets.old.map((set) => numberAt(set, 'status', 'replicas') ?? 0));
  const still = sum(sets.old.map((set) => numberAt(set, 'spec', 'replicas') ?? 0));
  return { current: running + still > 0 ? 0 : wanted, old: new Map(), maximum: wanted };
}

/** Old pods that are not available go first; then as many as the minimum of available pods allows. */
function shrink(sets: PlannedSets, minimum: number, total: number): ReadonlyMap<string, number> {
  const has = (set: ValueObject | undefined) => numberAt(set, 'spec', 'replicas') ?? 0;
  const available = (set: ValueObject | undefined) => numberAt(set, 'status', 'availableReplicas') ?? 0;
  const newUnavailable = has(sets.current) - available(sets.current);
  let spare = Math.max(0, total - minimum - newUnavailable);
  const sizes = new Map(sets.old.map((set) => [nameOf(set), has(set)]));
  const take = (set: ValueObject, most: number) => {
    const size = sizes.get(nameOf(set)) ?? 0;
    const cut = Math.min(size, spare, Math.max(0, most));
    sizes.set(nameOf(set), size - cut);
    spare -= cut;
  };
  for (const set of sets.old) take(set, has(set) - available(set));
  const allAvailable = available(sets.current) + sum(sets.old.map(available));
  spare = Math.min(spare, Math.max(0, allAvailable - minimum));
  for (const set of sets.old) take(set, sizes.get(nameOf(set)) ?? 0);
  return sizes;
}

/** How many pods more and how many fewer than wanted there may be: `maxSurge` rounds up, `maxUnavailable` down. */
export function rolloutBounds(
  deployment: ValueObject,
  wanted: number,
): { readonly surge: number; readonly unavailable: number } {
  if (textAt(deployment, 'spec', 'strategy', 'type') === 'Recreate') return { surge: 0, unavailable: wanted };
  const rolling = valueAt(deployment, 'spec', 'strategy', 'rollingUpdate');
  const surge = share(valueAt(rolling, 'maxSurge'), wanted, Math.ceil);
  const unavailable = share(valueAt(rolling, 'maxUnavailable'), wanted, Math.floor);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : Math.min(unavailable, wanted) };
}

/** A count, or a percentage of a number. */
export function share(value: Value | undefined, of: number, round: (value: number) => number): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !value.endsWith('%')) return 0;
  return round((Number.parseFloat(value) / 100) * of);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
