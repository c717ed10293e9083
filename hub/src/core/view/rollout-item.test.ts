import { expect, test } from 'vitest';
import { placementDocument, specFrom } from '../placement/placement-fixture.ts';
import { World } from '../rollout/rollout-fixture.ts';
import { placement } from '../rollout/samples-fixture.ts';
import { rolloutItems } from './rollout-item.ts';

test('a rollout says what made it, while it runs and after it ended', () => {
  const world = new World(['eu-1', 'eu-2']);
  const itemsNow = () => {
    const known = { spec: undefined, state: world.state, desired: world.desired, errors: [], notes: [] };
    return rolloutItems({ clusters: new Map(), placements: new Map([[placement, known]]) }, placement);
  };
  const { id } = world.push('one');
  world.settle();
  const running = itemsNow();
  world.run();
  const ended = itemsNow();

  expect(running.map(({ status }) => status.endedAtMs)).toEqual([undefined]);
  expect(ended[0]?.status.state).toBe('Succeeded');
  const cause = { kind: 'commit', commit: id };
  expect([running[0]?.spec.cause, ended[0]?.spec.cause]).toEqual([cause, cause]);
});

test.each([
  ['  rollout: {history: 3}', 3],
  ['', 10],
])('so many rollouts that have ended are shown as the placement says: %j', (more, count) => {
  const world = new World(['eu-1', 'eu-2']);
  for (let number = 1; number <= 12; number += 1) {
    world.push(`content ${number}`);
    world.run();
  }
  const [spec] = specFrom(placementDocument('shop', '{names: [eu-1, eu-2]}', more)).placements;
  world.push('one more');
  world.settle();
  const known = { spec, state: world.state, desired: world.desired, errors: [], notes: [] };
  const fleet = { clusters: new Map(), placements: new Map([[placement, known]]) };
  const names = rolloutItems(fleet, placement).map(({ metadata }) => metadata.name);
  expect(names).toEqual(Array.from({ length: count + 1 }, (_, index) => `shop-${13 - index}`));
});
