import { join } from 'node:path';
import { type ContentReader, openContentReader } from '@flotilla/agent/io/content';
import { describe } from 'vitest';
import { openRealRepository } from '../git/real-repository.ts';
import { contentContract } from './suite.ts';

describe('content from a real Git server', () => {
  contentContract(async () => {
    const real = await openRealRepository();
    const readers: ContentReader[] = [];
    return {
      ...real,
      async open() {
        const folder = join(real.folder, `cache-${readers.length}`);
        const reader = await openContentReader({
          folder,
          allowPlainHttpHosts: ['127.0.0.1'],
          deniedRanges: [],
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
