import { describe } from 'vitest';
import { realWire } from './real-wire.ts';
import { hubLinkContract } from './suite.ts';

describe("the agent's link over gRPC with mutual TLS", () => {
  hubLinkContract(realWire);
});
