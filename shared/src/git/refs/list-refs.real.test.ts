import { describe, expect, it } from 'vitest';
import { openGitWorld } from '../git-world-fixture.ts';
import { listRefs } from './list-refs.ts';
import { resolveRef } from './resolve-ref.ts';

const signal = AbortSignal.timeout(60_000);

describe.each([
  ['protocol v2', [] as const],
  ['protocol v0', ['protocol-v0'] as const],
])('a server that speaks %s', (_, faults) => {
  it('tells branches, tags with what they point to, and where HEAD points', async () => {
    await using world = await openGitWorld();
    const { repository, server } = world;
    const commit = await repository.commit({ a: '1' });
    await repository.tag('plain', commit);
    await repository.tag('annotated', commit, 'a release');
    server.misbehave('shop', ...faults);

    const { refs } = await listRefs(world.remote(), {}, signal);

    expect(refs).toEqual([
      { name: 'HEAD', id: commit, symrefTarget: 'refs/heads/main' },
      { name: 'refs/heads/main', id: commit },
      { name: 'refs/tags/annotated', id: await repository.idOf('refs/tags/annotated'), peeled: commit },
      { name: 'refs/tags/plain', id: commit },
    ]);
    expect(resolveRef(refs, 'annotated')).toMatchObject({ ok: true, value: { kind: 'tag', id: commit } });
  });

  it('gives only what was asked for', async () => {
    await using world = await openGitWorld();
    const commit = await world.repository.commit({ a: '1' });
    await world.repository.setBranch('release/1', commit);
    await world.repository.setBranch('main2', commit);
    world.server.misbehave('shop', ...faults);

    const { refs } = await listRefs(world.remote(), { prefixes: ['refs/heads/release/', 'HEAD'] }, signal);

    expect(refs.map(({ name }) => name)).toEqual(['HEAD', 'refs/heads/release/1']);
  });

  it('gives an empty list for a branch that is missing, but an error for a repository that is empty', async () => {
    await using world = await openGitWorld();
    world.server.misbehave('shop', ...faults);
    const remote = world.remote();
    const missing = { prefixes: ['refs/heads/gone'] };

    await expect(listRefs(remote, {}, signal)).rejects.toMatchObject({ code: 'GIT_EMPTY_REPOSITORY' });
    await expect(listRefs(remote, missing, signal)).rejects.toMatchObject({ code: 'GIT_EMPTY_REPOSITORY' });

    const commit = await world.repository.commit({ a: '1' });
    expect((await listRefs(remote, missing, signal)).refs).toEqual([]);
    await world.repository.deleteBranch('main');
    await expect(listRefs(remote, missing, signal)).rejects.toMatchObject({ code: 'GIT_EMPTY_REPOSITORY' });
    await world.repository.setBranch('main', commit);
    expect((await listRefs(remote, {}, signal)).refs).toHaveLength(2);
  });

  it('sees a branch move at the next question', async () => {
    await using world = await openGitWorld();
    world.server.misbehave('shop', ...faults);
    const remote = world.remote();
    const tip = async () => (await listRefs(remote, { prefixes: ['refs/heads/main'] }, signal)).refs[0]?.id;
    const first = await world.repository.commit({ a: '1' });
    expect(await tip()).toBe(first);

    const second = await world.repository.commit({ a: '2' });

    expect(await tip()).toBe(second);
  });
});

it('says what the server is and can', async () => {
  await using world = await openGitWorld();
  await world.repository.commit({ a: '1' });
  const capabilities = async () => (await listRefs(world.remote(), {}, signal)).capabilities;

  expect(await capabilities()).toMatchObject({ protocol: 'v2', filter: true, objectFormat: 'sha1' });
  world.server.misbehave('shop', 'deny-filter');
  expect(await capabilities()).toMatchObject({ protocol: 'v2', filter: false });
  world.server.misbehave('shop', 'protocol-v0');
  expect(await capabilities()).toMatchObject({ protocol: 'v0', filter: false });
});

it('refuses a repository with more refs than the limit', async () => {
  await using world = await openGitWorld();
  const commit = await world.repository.commit({ a: '1' });
  for (const name of ['b', 'c', 'd']) await world.repository.setBranch(name, commit);
  const remote = world.remote({ limits: { refsMax: 4 } });

  await expect(listRefs(remote, {}, signal)).rejects.toMatchObject({ code: 'GIT_TOO_LARGE' });
  expect((await listRefs(remote, { prefixes: ['refs/heads/'] }, signal)).refs).toHaveLength(4);
  // A missing ref in a large repository is missing, not too large.
  expect((await listRefs(remote, { prefixes: ['refs/heads/gone'] }, signal)).refs).toEqual([]);
});

it('asks for what the server can do once, not before every question', async () => {
  await using world = await openGitWorld();
  await world.repository.commit({ a: '1' });
  const remote = world.remote();

  for (let poll = 0; poll < 3; poll += 1) await listRefs(remote, { prefixes: ['refs/heads/main'] }, signal);

  expect(world.server.stats('shop')).toMatchObject({ advertisement: 1, 'ls-refs': 3 });
});

it('does not take a ref list that ends early for one without the rest', async () => {
  await using world = await openGitWorld();
  const commit = await world.repository.commit({ a: '1' });
  await world.repository.setBranch('release', commit);
  world.server.misbehave('shop', 'truncated-refs');

  const listing = listRefs(world.remote(), { prefixes: ['refs/heads/'] }, signal);

  await expect(listing).rejects.toMatchObject({ code: 'GIT_TRUNCATED_ANSWER' });
});
