import { describe } from 'vitest';
import { memoryGit } from '../../fakes/git.ts';
import { memoryGitPort } from '../../fakes/git-port.ts';
import { gitContract } from './suite.ts';

describe('Git in memory', () => {
  gitContract(async () => {
    const git = memoryGit();
    const tokens = new Map([
      ['good', { url: 'https://git.example.org', token: 's3cret' }],
      ['bad', { url: 'https://git.example.org', token: 'wr0ng' }],
      ['elsewhere', { url: 'https://other.example.org', token: 's3cret' }],
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
      asked: async () => git.asked,
      [Symbol.asyncDispose]: async () => {},
    };
  });
});
