import { join } from 'node:path';
import { type GitReader, openGitReader } from '@flotilla/hub/io/git';
import type { GitId } from '@flotilla/shared/base';
import type { BoundCredential } from '@flotilla/shared/model';
import { describe, expect, test } from 'vitest';
import { never } from '../never.ts';
import { files } from './git-world.ts';
import { openRealRepository } from './real-repository.ts';
import { gitContract } from './suite.ts';

const tokens: ReadonlyMap<string, string> = new Map([
  ['good', 's3cret'],
  ['bad', 'wr0ng'],
  ['elsewhere', 's3cret'],
]);

/** What is mounted: for the server itself, save for the one that is for another. */
function mountedFor(server: string): (name: string) => Promise<BoundCredential | undefined> {
  return async (name) => {
    const token = tokens.get(name);
    const url = name === 'elsewhere' ? 'https://other.example.org' : server;
    return token === undefined ? undefined : { name, url, kind: 'token', token };
  };
}

describe('Git on a real server', () => {
  test.each([
    ['ssh', 'SSH SIGNATURE'],
    ['openpgp', 'PGP SIGNATURE'],
  ])('a commit that carries a signature says of which kind: %s', async (kind, armour) => {
    await using real = await openRealRepository();
    const plain = await real.commit(files);
    const { git, setBranch } = real.repository;
    const text = (await git(['cat-file', 'commit', plain])).toString();
    const signature = `gpgsig -----BEGIN ${armour}-----\n U1NI\n -----END ${armour}-----`;
    const written = await git(
      ['hash-object', '-w', '-t', 'commit', '--stdin'],
      text.replace('\n\n', `\n${signature}\n\n`),
    );
    const signed = written.toString().trim() as GitId;
    await setBranch('main', signed);
    const reader = await openGitReader({
      folder: join(real.folder, 'cache'),
      allowPlainHttpHosts: ['127.0.0.1'],
      deniedRanges: [],
      credentialOf: mountedFor(real.server.url),
    });
    const remote = { url: real.url, credential: undefined, caBundlePem: undefined };
    expect(await reader.readCommit(remote, signed, never)).toMatchObject({
      subject: 'change',
      signature: kind,
    });
    await reader.close();
  });

  gitContract(async () => {
    const real = await openRealRepository();
    const { repository } = real;
    const readers: GitReader[] = [];
    return {
      ...real,
      tag: (name, commit) => repository.tag(name, commit, 'a release'),
      deleteBranch: (name) => repository.deleteBranch(name),
      async open() {
        const folder = join(real.folder, `cache-${readers.length}`);
        const credentialOf = mountedFor(real.server.url);
        const reader = await openGitReader({
          folder,
          allowPlainHttpHosts: ['127.0.0.1'],
          deniedRanges: [],
          credentialOf,
        });
        readers.push(reader);
        return reader;
      },
      async [Symbol.asyncDispose]() {
        for (const reader of readers) await reader.close();
        await real[Symbol.asyncDispose]();
      },
    };
  });
});
