import { expect, test } from 'vitest';
import { hub } from './samples-fixture.ts';
import { canaryWorld, five } from './stable-world-fixture.ts';

test('I15: a rollout ends of which everybody has what it gives: the log had lost that, and it was written down again', () => {
  const { world } = canaryWorld();
  const { plan } = world.state.active ?? expect.fail('a rollout runs');
  const { release = expect.fail('it is of a release'), targets, variants } = plan;
  const releases = Object.fromEntries(Object.keys(variants).map((digest) => [digest, release.digest]));
  const payload = { kind: 'rows-adopted', targets, variants, releases, unknown: [] } as const;
  world.append({ actor: hub, evidence: undefined, payload });
  world.everybodyIsWell();
  world.run();
  expect(world.state.active).toBeUndefined();
  expect(world.holding('two')).toHaveLength(five.length);
});
