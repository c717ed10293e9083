import { manualClock } from '@flotilla/shared/kit/manual-clock';
import { describe } from 'vitest';
import { memoryDecisionLog } from '../../fakes/index.ts';
import { decisionLogContract } from './suite.ts';

describe('the decision log in memory', () => {
  decisionLogContract(async () => {
    const log = memoryDecisionLog(manualClock());
    return {
      open: async () => log,
      // The port promises that a lost answer is found out about: in memory nothing is ever lost.
      loseNextAnswer: () => {},
      loseNextRequest: () => {},
      interrupt: async () => {
        log.isAvailable = true;
      },
      writeRaw: async (subject, data) => void log.writeRaw(subject, new TextEncoder().encode(data)),
      loseStore: async () => log.shorten(0),
      [Symbol.asyncDispose]: async () => {},
    };
  });
});
