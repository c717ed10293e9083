import { expect, test } from 'vitest';
import { names } from './samples-fixture.ts';
import { stableWorld } from './stable-world-fixture.ts';

/** A hub with 1,000 placements on 1,000 clusters folds a million rows: its memory, and how soon it is back, rest on this. */
test('rows of one event that say the same are one object, and so is what a rollout knows of clusters that stand alike', () => {
  const world = stableWorld(names(40));
  world.push('two');
  world.settle();
  const { active } = world.state;
  const waves = active?.plan.waves.length ?? 0;
  expect(waves).toBeGreaterThan(1);
  expect(active?.clusters.size).toBe(40);
  // Of each wave those who have their row, and those who wait.
  expect(new Set(active?.clusters.values()).size).toBeLessThanOrEqual(2 * waves);

  world.run();
  const opened = world.log.filter(({ event }) => event.payload.kind === 'wave-opened').length;
  const rows = new Set(world.state.rows.values());
  expect(world.state.rows.size).toBe(40);
  expect(rows.size).toBeLessThan(opened);
  expect(new Set([...rows].map(({ version }) => version.seq)).size).toBe(rows.size);
});
