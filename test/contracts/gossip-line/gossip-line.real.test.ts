import { openGossipLine } from '@flotilla/hub/io/gossip';
import type { Bus } from '@flotilla/shared/kit/nats';
import { describe, expect, test } from 'vitest';
import { connectTestBus, startNatsServer } from '../../real/nats-server/index.ts';
import { type GossipWorld, gossipLineContract } from './suite.ts';

async function makeWorld() {
  const server = await startNatsServer();
  const buses: Bus[] = [];
  return {
    server,
    open: async () => {
      const bus = await connectTestBus(server);
      buses.push(bus);
      return openGossipLine(bus);
    },
    interrupt: async () => {
      await server.kill();
      await server.start();
    },
    [Symbol.asyncDispose]: async () => {
      for (const bus of buses) await bus[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  } satisfies GossipWorld & Record<string, unknown>;
}

describe('what hub processes tell each other over a real nats-server', () => {
  gossipLineContract(makeWorld);

  test('tells that nobody was told while the bus is away', async () => {
    await using world = await makeWorld();
    const line = await world.open();
    expect(line.tell(new Uint8Array([1]))).toBe(true);
    await world.server.kill();
    await expect.poll(() => line.tell(new Uint8Array([1])), { timeout: 20_000 }).toBe(false);
    await world.server.start();
  });
});
