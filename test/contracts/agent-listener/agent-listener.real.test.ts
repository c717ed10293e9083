import { describe } from 'vitest';
import { realWire } from '../hub-link/real-wire.ts';
import { agentListenerContract } from './suite.ts';

describe("the agents' listener over gRPC with mutual TLS", () => {
  agentListenerContract(realWire);
});
