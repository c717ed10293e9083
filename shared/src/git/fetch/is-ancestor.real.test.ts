import { describe, expect, it } from 'vitest';
import type { GitId } from '../../base/index.ts';
import { type GitWorld, openGitWorld } from '../git-world-fixture.ts';
import { isAncestor } from './is-ancestor.ts';

const signal = AbortSignal.timeout(60_000);

/** main: first - second - merge - last, side: first - side - merge; forced: another root. */
async function commitHistory(world: GitWorld): Promise<Readonly<Record<string, GitId>>> {
  const { repository } = world;
  const big = 'content\n'.repeat(1_000);
  const first = await repository.commit({ a: big });
  const second = await repository.commit({ b: big });
  const side = await repository.commit({ c: big }, { branch: 'side', parent: first });
  const tree = await repository.idOf(`${second}^{tree}`);
  const merge = await repository.commitTree(tree, [second, side], 'merge');
  await repository.setBranch('main', merge);
  const last = await repository.commit({ d: big });
  const forced = await repository.commit({ a: big }, { branch: 'forced', parent: null, message: 'anew' });
  return { first, second, side, merge, last, forced };
}

describe.each([
  ['with filters', [] as const],
  ['without filters', ['deny-filter'] as const],
])('a server %s', (_, faults) => {
  it.each([
    ['first', 'last', 'yes'],
    ['second', 'merge', 'yes'],
    ['side', 'last', 'yes'],
    ['merge', 'last', 'yes'],
    ['last', 'last', 'yes'],
    ['last', 'first', 'no'],
    ['side', 'second', 'no'],
    ['first', 'forced', 'no'],
    ['last', 'forced', 'no'],
    ['forced', 'last', 'no'],
  ] as const)('knows whether %s leads to %s: %s', async (ancestor, descendant, answer) => {
    await using world = await openGitWorld();
    const ids = await commitHistory(world);
    world.server.misbehave('shop', ...faults);
    const question = { ancestor: ids[ancestor] as GitId, descendant: ids[descendant] as GitId };

    expect(await isAncestor(world.remote(), question, signal)).toBe(answer);
  });
});

describe('a server that speaks only v0', () => {
  it.each([
    ['first', 'last', 'yes'],
    ['last', 'first', 'no'],
    ['last', 'forced', 'no'],
  ] as const)(
    'knows for short histories whether %s leads to %s: %s',
    async (ancestor, descendant, answer) => {
      await using world = await openGitWorld();
      const ids = await commitHistory(world);
      world.server.misbehave('shop', 'protocol-v0');
      const question = { ancestor: ids[ancestor] as GitId, descendant: ids[descendant] as GitId };

      expect(await isAncestor(world.remote(), question, signal)).toBe(answer);
    },
  );

  it('does not know beyond 50 commits', async () => {
    await using world = await openGitWorld();
    const first = await world.repository.commit({ a: '0' });
    let last = first;
    for (let index = 0; index < 55; index += 1) last = await world.repository.commit({ a: `${index}` });
    world.server.misbehave('shop', 'protocol-v0');

    expect(await isAncestor(world.remote(), { ancestor: first, descendant: last }, signal)).toBe('unknown');
  });
});

it('transfers commits only', async () => {
  await using world = await openGitWorld();
  const { first, last } = await commitHistory(world);

  await isAncestor(world.remote(), { ancestor: first as GitId, descendant: last as GitId }, signal);

  expect(world.server.stats('shop').fetchBytes).toBeLessThan(1_500);
});

it('does not know a commit that the server has lost', async () => {
  await using world = await openGitWorld();
  const { last } = await commitHistory(world);
  const gone = 'd'.repeat(40) as GitId;

  expect(await isAncestor(world.remote(), { ancestor: last as GitId, descendant: gone }, signal)).toBe(
    'unknown',
  );
  // The other way round the whole history was seen, and the lost commit is not in it.
  expect(await isAncestor(world.remote(), { ancestor: gone, descendant: last as GitId }, signal)).toBe('no');
});

it('does not take a failing server for an answer', async () => {
  await using world = await openGitWorld();
  const { first, last } = await commitHistory(world);
  const question = { ancestor: first as GitId, descendant: last as GitId };
  for (const fault of ['server-error', 'truncated-pack', 'html', 'unauthorized'] as const) {
    world.server.misbehave('shop', fault);
    await expect(isAncestor(world.remote(), question, signal)).rejects.toThrow();
  }
});
