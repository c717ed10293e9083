import { describe } from 'vitest';
import { memoryContent } from '../../fakes/content.ts';
import { memoryGit } from '../../fakes/git.ts';
import { contentContract } from './suite.ts';

describe('content in memory', () => {
  contentContract(async () => {
    const git = memoryGit();
    return {
      url: 'https://git.example.org/shop.git',
      open: async () => memoryContent(git),
      commit: async (files) => git.commit(files),
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
