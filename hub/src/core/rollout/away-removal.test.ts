import { expect, test } from 'vitest';
import { advanceRollout } from './advance.ts';
import { five, stableWorld } from './stable-world-fixture.ts';

test('a removal whose first cluster went away when it was planned goes on with the others, and with it after its return', () => {
  const world = stableWorld(five);
  const { id } = world.remove();
  world.settle();
  world.accept(id);
  // Between its plan and its first wave there is a moment.
  while (world.state.withdraw === undefined) {
    const [draft = expect.fail('a removal is planned')] = advanceRollout(
      world.state,
      world.evidence(),
      world.nowMs,
    ).events;
    world.append(draft);
  }
  const { plan } = world.state.withdraw ?? expect.fail('a removal is planned');
  const [first] = plan.waves[0]?.clusters ?? [];
  const { name } =
    [...world.clusters.values()].find(({ cluster }) => cluster.uid === first)?.cluster ?? expect.fail();
  world.goOffline(name);
  // What is planned anew is asked about anew.
  const agree = () => {
    world.run();
    world.accept(id);
    world.run();
  };
  agree();
  const left = () =>
    [...world.state.rows].filter(([, { target }]) => target.kind === 'variant').map(([uid]) => uid);
  expect(left()).toEqual([first]);
  world.comeBack(name);
  agree();
  expect(left()).toEqual([]);
});
