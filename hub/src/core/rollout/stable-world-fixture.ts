import { World } from './rollout-fixture.ts';

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
