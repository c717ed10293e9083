import type { CredentialStore } from '@flotilla/agent/ports';
import { expect, test } from 'vitest';
import { never } from '../never.ts';

/** Credentials and a person who puts them there. */
export interface CredentialStoreWorld extends AsyncDisposable {
  readonly store: CredentialStore;
  /** Puts the parts of a credential in place of what was there. */
  put(name: string, parts: Readonly<Record<string, string>>): Promise<void>;
  remove(name: string): Promise<void>;
}

const url = 'https://git.example.org';

type MakeWorld = () => Promise<CredentialStoreWorld>;

/** The promises of the CredentialStore port; run on the real adapters and on the fake. */
export function credentialStoreContract(makeWorld: MakeWorld): void {
  kinds(makeWorld);
  changes(makeWorld);
  refusals(makeWorld);
}

function kinds(makeWorld: MakeWorld): void {
  test('a token, a user with password and an SSH key are found by name, without the line end of an editor', async () => {
    await using world = await makeWorld();
    await world.put('github', { url: `${url}\n`, token: 't0ken\n' });
    await world.put('gitlab', { url, username: 'bot', password: 's3cret\r\n' });
    const ssh = 'ssh://git@git.example.org';
    await world.put('ssh', { url: ssh, 'ssh-privatekey': 'KEY\n', known_hosts: 'host key\n' });
    expect(await world.store.find('github', never)).toEqual({
      name: 'github',
      url,
      kind: 'token',
      token: 't0ken',
    });
    expect(await world.store.find('gitlab', never)).toEqual({
      name: 'gitlab',
      url,
      kind: 'basic',
      username: 'bot',
      password: 's3cret',
    });
    expect(await world.store.find('ssh', never)).toEqual({
      name: 'ssh',
      url: ssh,
      kind: 'ssh',
      privateKey: 'KEY\n',
      knownHosts: 'host key\n',
    });
  });

  test('a name under which there is nothing is undefined, not an error', async () => {
    await using world = await makeWorld();
    await world.put('github', { url, token: 't0ken' });
    expect(await world.store.find('git', never)).toBeUndefined();
    expect(await world.store.find('github2', never)).toBeUndefined();
  });
}

function changes(makeWorld: MakeWorld): void {
  test('a rotated credential is found at the next question, a removed one no more', async () => {
    await using world = await makeWorld();
    await world.put('github', { url, token: 'old' });
    expect(await world.store.find('github', never)).toMatchObject({ token: 'old' });
    await world.put('github', { url, token: 'new' });
    expect(await world.store.find('github', never)).toMatchObject({ token: 'new' });
    await world.put('github', { url, username: 'bot', password: 'x' });
    expect(await world.store.find('github', never)).toMatchObject({ kind: 'basic' });
    await world.remove('github');
    expect(await world.store.find('github', never)).toBeUndefined();
  });
}

function refusals(makeWorld: MakeWorld): void {
  test.each([
    ['parts that name no server', { token: 's3cret' }, 'has no url: add one'],
    ['a server with a password in it', { url: 'https://a:s3cret@x', token: 's3cret' }, 'has a user name or'],
    ['parts of two kinds', { url, token: 's3cret', password: 's3cret' }, 'has password, token'],
    ['half of a kind', { url, username: 's3cret' }, 'has username'],
    ['no part', { url }, 'has none of its parts'],
    ['an empty part', { url, token: '\n' }, 'has an empty token'],
  ])('%s make an error that names the credential and what is wrong, and no secret', async (_, parts, why) => {
    await using world = await makeWorld();
    await world.put('github', parts);
    const error: unknown = await world.store.find('github', never).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ message: expect.stringContaining(why) });
    expect(String(error)).toContain('github');
    expect(String(error)).not.toContain('s3cret');
  });

  test('no name leads to what is not a credential', async () => {
    await using world = await makeWorld();
    await world.put('github', { url, token: 't0ken' });
    for (const name of ['', '.', '..', './github', '../github', 'github/token', 'github/../github']) {
      const found = await world.store.find(name, never).catch(() => undefined);
      expect(found).toBeUndefined();
    }
  });

  test('an abort rejects with its reason', async () => {
    await using world = await makeWorld();
    await world.put('github', { url, token: 't0ken' });
    const reason = new Error('stop');
    await expect(world.store.find('github', AbortSignal.abort(reason))).rejects.toBe(reason);
    await expect(world.store.find('none', AbortSignal.abort(reason))).rejects.toBe(reason);
  });
}
