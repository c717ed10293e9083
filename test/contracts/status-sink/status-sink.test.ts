import type { Report } from '@flotilla/shared/model';
import { describe } from 'vitest';
import { type MemoryStatusSink, memoryStatusSink } from '../../fakes/status-sink.ts';
import { statusSinkContract } from './suite.ts';

describe('a status sink in memory', () => {
  statusSinkContract(async () => {
    const taken: Report[] = [];
    const sinks: MemoryStatusSink[] = [];
    let isUp = true;
    const setUp = async (value: boolean): Promise<void> => {
      isUp = value;
      for (const sink of sinks) sink.isBusUp = value;
    };
    return {
      open() {
        const sink = memoryStatusSink(taken);
        sink.isBusUp = isUp;
        sinks.push(sink);
        return sink;
      },
      newest: async () => taken.at(-1)?.seq,
      takeAway: () => setUp(false),
      bringBack: () => setUp(true),
      [Symbol.asyncDispose]: async () => {},
    };
  });
});
