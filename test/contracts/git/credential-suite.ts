import { expect, test } from 'vitest';
import { never } from '../never.ts';
import { files, type MakeWorld, remoteOf } from './git-world.ts';

/** What a hub does with the credential that a remote names. */
export function credentialContract(makeWorld: MakeWorld): void {
  test('the credential that a remote names is used; one that is wrong, absent or not mounted is an error', async () => {
    await using world = await makeWorld();
    const port = await world.open();
    const commit = await world.commit(files);
    await world.demand('s3cret');
    expect(await port.resolveRef(remoteOf(world, 'good'), 'main', never)).toBe(commit);
    const codes = { code: 'GIT_UNAUTHORIZED' };
    await expect(port.resolveRef(remoteOf(world), 'main', never)).rejects.toMatchObject(codes);
    const error: unknown = await port
      .resolveRef(remoteOf(world, 'bad'), 'main', never)
      .catch((one: unknown) => one);
    expect(error).toMatchObject(codes);
    expect(String(error)).not.toContain('wr0ng');
    await expect(port.resolveRef(remoteOf(world, 'none'), 'main', never)).rejects.toMatchObject({
      code: 'CREDENTIAL_MISSING',
      message: expect.stringContaining('none'),
    });
  });

  test('a credential for another server is sent nowhere, whatever url Git gives a source that names it', async () => {
    await using world = await makeWorld();
    const port = await world.open();
    const commit = await world.commit(files);
    await world.demand('s3cret');
    const before = await world.asked();
    const remote = remoteOf(world, 'elsewhere');
    for (const asking of [
      () => port.resolveRef(remote, 'main', never),
      () => port.readCommit(remote, commit, never),
      () => port.isAncestor(remote, commit, commit, never),
    ]) {
      await expect(asking()).rejects.toMatchObject({
        name: 'GitError',
        code: 'GIT_CREDENTIAL_ELSEWHERE',
        message: `credential elsewhere is for https://other.example.org and is not sent to ${world.url}`,
      });
    }
    expect(await world.asked()).toBe(before);
  });
}
