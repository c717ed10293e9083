import { type ClusterUid, sha256Hex } from '@flotilla/shared/base';
import type {
  Cluster,
  ClusterSelector,
  PlannedWave,
  RolloutStrategy,
  StrategyStage,
} from '@flotilla/shared/model';
import { CelReader, matches } from '../placement/index.ts';
import { capOf } from './amounts.ts';

/** Marks clusters that take every change first (rollout design, R3). */
export const canaryLabel = 'flotilla.dev/canary';

/** A cluster that a rollout is for. */
export interface WaveTarget {
  readonly cluster: Cluster;
  /** Cannot begin while the plan is made (not reached, or a dependency is not Ready): comes in waves of its own at the end of its stage. */
  readonly isAway: boolean;
}

/**
 * Divides targets into waves: stage by stage, in the order given, each wave `growth` times as large as the one before.
 * Sizes are shares of all targets; a stage may keep failure domains apart. A partition; empty waves are left out. Equal input gives an equal plan.
 */
export function planWaves(targets: readonly WaveTarget[], strategy: RolloutStrategy): readonly PlannedWave[] {
  const total = targets.length;
  let left = targets;
  const waves: PlannedWave[] = [];
  for (const [stage, shape] of strategy.stages.entries()) {
    const taken = take(left, shape);
    const isTaken = new Set(taken);
    left = left.filter((one) => !isTaken.has(one));
    waves.push(...shapeWaves(taken, stage, shape, total));
  }
  // No stage takes the rest: an implicit last one does, with the shape of the last named one.
  const last = strategy.stages.length - 1;
  const lastShape = strategy.stages[last];
  if (left.length > 0 && lastShape !== undefined) waves.push(...shapeWaves(left, last, lastShape, total));
  return waves;
}

function take(targets: readonly WaveTarget[], stage: StrategyStage): readonly WaveTarget[] {
  const { select } = stage;
  if (select.kind === 'remaining') return targets;
  if (select.kind === 'canary') {
    const labelled = targets.filter((one) => one.cluster.labels[canaryLabel] === 'true');
    return labelled.length > 0 ? labelled : targets.slice(0, select.count);
  }
  // The strategy was written by this program; the text is a selector.
  const selector = JSON.parse(select.selector) as ClusterSelector;
  const reader = new CelReader();
  return targets.filter((one) => matches(selector, one.cluster, reader));
}

function shapeWaves(
  targets: readonly WaveTarget[],
  stage: number,
  shape: StrategyStage,
  total: number,
): readonly PlannedWave[] {
  // Stages that name their clusters wait for exactly those; only the rest may be without its absent ones.
  const isRest = shape.select.kind === 'remaining';
  const here = isRest ? targets.filter((one) => !one.isAway) : targets;
  const away = isRest ? targets.filter((one) => one.isAway) : [];
  const cap = capOf(shape.waves.max, total);
  const waves: PlannedWave[] = [];
  let size = Math.min(cap, capOf(shape.waves.start, total));
  for (const domain of byDomain(here, shape.oneDomainAtATime)) {
    for (let from = 0; from < domain.length; ) {
      const count = Math.floor(size);
      waves.push({ stage, clusters: uids(domain.slice(from, from + count)), isAway: false });
      from += count;
      size = Math.min(cap, size * shape.waves.growth);
    }
  }
  for (const domain of byDomain(away, shape.oneDomainAtATime)) {
    for (let from = 0; from < domain.length; from += cap)
      waves.push({ stage, clusters: uids(domain.slice(from, from + cap)), isAway: true });
  }
  return waves;
}

/**
 * Failure domains one after the other, in an order that no other cluster can change; clusters without the label are a
 * domain of their own, the last: nobody knows what they fail with.
 */
function byDomain(
  targets: readonly WaveTarget[],
  label: string | undefined,
): readonly (readonly WaveTarget[])[] {
  if (label === undefined) return [targets];
  const domains = Map.groupBy(targets, (one) => one.cluster.labels[label] ?? '');
  const rank = (value: string) => (value === '' ? '~' : sha256Hex(`domain ${value}`));
  return [...domains].sort(([left], [right]) => (rank(left) < rank(right) ? -1 : 1)).map(([, list]) => list);
}

function uids(targets: readonly WaveTarget[]): readonly ClusterUid[] {
  return targets.map((one) => one.cluster.uid);
}
