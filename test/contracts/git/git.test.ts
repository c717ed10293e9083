import { describe } from 'vitest';
import { memoryGit } from '../../fakes/git.ts';
import { memoryGitPort } from '../../fakes/git-port.ts';
import { gitContract } from './suite.ts';

describe('Git in memory', () => {
  gitContract(async () => {
    const git = memoryGit();
    const tokens = new Map([
      ['good', 's3cret'],
      ['bad', 'wr0ng'],
    ]);
    return {
      url: 'https://git.example.org/shop.git',
      open: async () => memoryGitPort(git, tokens),
      commit: async (files, options) => git.commit(files, options),
      tag: async (name, commit) => git.tag(name, commit),
      deleteBranch: async (name) => git.deleteBranch(name),
      treeAt: async (commit, path) => git.treeAt(commit, path),
      setUp: async (isUp) => {
        git.isUp = isUp;
      },
      demand: async (token) => {
        git.token = token;
      },
      [Symbol.asyncDispose]: async () => {},
    };
  });
});
