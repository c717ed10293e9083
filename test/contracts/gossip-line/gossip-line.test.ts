import { describe } from 'vitest';
import { memoryGossip } from '../../fakes/index.ts';
import { gossipLineContract } from './suite.ts';

describe('what hub processes tell each other, in memory', () => {
  gossipLineContract(async () => {
    const bus = memoryGossip();
    const lines: ReturnType<typeof bus.open>[] = [];
    return {
      async open() {
        const line = bus.open();
        lines.push(line);
        return line;
      },
      async interrupt() {
        for (const line of lines) line.isCut = true;
        lines[0]?.tell(new Uint8Array([1]));
        for (const line of lines) line.isCut = false;
      },
      [Symbol.asyncDispose]: async () => {},
    };
  });
});
