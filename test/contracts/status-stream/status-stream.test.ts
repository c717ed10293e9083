import { manualClock } from '@flotilla/shared/kit/manual-clock';
import { describe } from 'vitest';
import { memoryStatusStream } from '../../fakes/index.ts';
import { statusStreamContract } from './suite.ts';

describe('the stream of reports in memory', () => {
  statusStreamContract(async () => {
    const stream = memoryStatusStream(manualClock());
    return { open: async () => stream, interrupt: async () => {}, [Symbol.asyncDispose]: async () => {} };
  });
});
