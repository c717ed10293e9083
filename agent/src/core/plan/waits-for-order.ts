import { formatRef } from '@flotilla/shared/model';
import type { DesiredObject, Goal, PlanInput } from './goal.ts';
import type { Blocked } from './plan.ts';
import type { Decided } from './waits.ts';

type ContentGoal = Extract<Goal, { kind: 'content' }>;

/**
 * Objects whose turn has not come by `flotilla.dev/wave` and `flotilla.dev/depends-on`. A correction of drift waits for nobody: what
 * runs is put right whatever became of its neighbours.
 */
export function waitingForOrder(
  decided: readonly Decided[],
  goal: ContentGoal,
  input: PlanInput,
): readonly Blocked[] {
  if (!goal.objects.some(isOrdered)) return [];
  const open = decided.filter((one) => !isThere(one, input));
  const openKeys = new Map(open.map((one) => [one.object.key, one]));
  const known = new Set(goal.objects.map((object) => object.key));
  const lowest = lowestWave(open, goal);
  return decided.filter(isPending).flatMap(({ object }) => {
    const need = object.needs?.find((key) => openKeys.has(key) || !known.has(key));
    if (need !== undefined) return [waitOf(object, nameOf(openKeys.get(need)?.object, need))];
    const wave = waveOf(object);
    return wave > lowest.wave ? [waitOf(object, `${lowest.name} of wave ${lowest.wave}`, wave)] : [];
  });
}

interface LowestWave {
  readonly wave: number;
  readonly name: string;
}

/** The first wave of which something is not there yet, and what that is. */
function lowestWave(open: readonly Decided[], goal: ContentGoal): LowestWave {
  const all = [
    ...open.map(({ object }) => ({ wave: waveOf(object), name: formatRef(object.ref) })),
    ...goal.unplaced.map((one) => ({ wave: one.wave ?? 0, name: `${one.kind.kind} ${one.name}` })),
  ];
  const none = { wave: Number.POSITIVE_INFINITY, name: '' };
  return all.reduce((first, one) => (one.wave < first.wave ? one : first), none);
}

/** As rendered, and healthy; what ran to its end and was cleaned up is both. */
function isThere({ object, decision }: Decided, input: PlanInput): boolean {
  if (decision.kind !== 'done') return false;
  const sight = input.live.get(object.key);
  return sight?.kind === 'present' ? sight.health === 'Current' : decision.drift === undefined;
}

function isPending({ decision }: Decided): boolean {
  if (decision.kind === 'apply') return decision.reason !== 'drift';
  return decision.kind === 'replace' || decision.kind === 'compare' || decision.kind === 'prove';
}

function isOrdered({ wave, needs }: DesiredObject): boolean {
  return wave !== undefined || needs !== undefined;
}

function waveOf({ wave = 0 }: DesiredObject): number {
  return wave;
}

function nameOf(object: DesiredObject | undefined, key: string): string {
  return object === undefined ? key : formatRef(object.ref);
}

function waitOf({ ref }: DesiredObject, what: string, wave?: number): Blocked {
  const subject = formatRef(ref);
  const who = wave === undefined ? subject : `${subject} of wave ${wave}`;
  const code = wave === undefined ? 'WaitingForDependency' : 'WaitingForWave';
  return { code, text: `${who} waits until ${what} is applied and healthy`, subject, isFinal: false, ref };
}
