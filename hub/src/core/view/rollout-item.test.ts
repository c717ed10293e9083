import { expect, test } from 'vitest';
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
