import { describe } from 'vitest';
import { memoryWire } from '../hub-link/memory-wire.ts';
import { agentListenerContract } from './suite.ts';

describe("the agents' listener in memory", () => {
  agentListenerContract(memoryWire);
});
