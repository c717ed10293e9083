import { describe } from 'vitest';
import { memoryWire } from './memory-wire.ts';
import { hubLinkContract } from './suite.ts';

describe("the agent's link in memory", () => {
  hubLinkContract(memoryWire);
});
