import { World } from './rollout-fixture.ts';
import { names } from './samples-fixture.ts';

/** Names of the clusters of small worlds. */
export const five = names(5);

/** A world in which the content `one` is stable on these clusters. */
export function stableWorld(clusters: Iterable<string>): World {
  const world = new World(clusters);
  world.push('one');
  world.run();
  return world;
}

/** Names of the clusters that the newest wave started. */
export function newestWave(world: World): readonly string[] {
  const opened = world.log.findLast((one) => one.event.payload.kind === 'wave-opened');
  const payload = opened?.event.payload;
  return payload?.kind === 'wave-opened'
    ? payload.clusters.map((uid) => world.clusters.get(uid)?.cluster.name ?? uid)
    : [];
}

/** Five clusters on `one`, and `two` in its canary. */
export function canaryWorld(): { readonly world: World; readonly canary: string } {
  const world = stableWorld(five);
  world.push('two');
  world.settle();
  const [canary = ''] = newestWave(world);
  return { world, canary };
}

/** What a person reads of an operation. */
export function textOf(outcome: ReturnType<World['operate']>): string {
  return outcome.ok ? outcome.value.text : `${outcome.error.code}: ${outcome.error.text}`;
}
