import { describe } from 'vitest';
import { memoryBucket } from '../../fakes/index.ts';
import { bucketContract } from './suite.ts';

describe('a bucket in memory', () => {
  bucketContract(async () => {
    const bucket = memoryBucket();
    return {
      open: async () => bucket,
      // In memory no answer is ever lost.
      loseNextAnswer: () => {},
      loseNextRequest: () => {},
      interrupt: async () => {},
      [Symbol.asyncDispose]: async () => {},
    };
  });
});
