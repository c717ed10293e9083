import { afterAll, beforeAll, expect, test } from 'vitest';
import { AgentEnd } from './ends/agent-end.ts';
import { until } from './ends/counted.ts';
import { type HubEnd, startHubEnd } from './ends/hub-end.ts';
import { type Identity, makeCa, type TestCa } from './raw/certificates.ts';
import { assignmentAt, removalAt, scriptUid } from './raw/rows.ts';

let ca: TestCa;
let server: Identity;
let identity: Identity;

beforeAll(async () => {
  ca = await makeCa();
  server = await ca.server();
  identity = await ca.client(`URI:spiffe://fleet.test/cluster/${scriptUid}`);
});
afterAll(() => ca.close());

/** Lets the agent's time pass until something holds. */
async function passing(agent: AgentEnd, holds: () => boolean, what: string): Promise<void> {
  await until(() => {
    void agent.clock.advance(200);
    return holds();
  }, what);
}

function heldAs(agent: AgentEnd, rows: readonly string[]): () => boolean {
  return () => agent.durable().join() === rows.join() && agent.session?.isInStep() === true;
}

test('both real ends agree over mutual TLS, and agree again after each of them was away', async () => {
  const cart = assignmentAt({ placement: 'cart', seq: 10n });
  const shop = assignmentAt({ placement: 'shop', seq: 20n });
  let hub: HubEnd = await startHubEnd(ca, server, { start: { rows: [cart, shop] } });
  const { port } = hub;
  const agent = new AgentEnd(port, ca.caPem, identity);
  await agent.start();
  // The hub's own heartbeat tells that both name the same set.
  await passing(agent, () => agent.durable().length === 2, 'both rows are durable');
  await hub.clock.advance(11_500);
  await passing(agent, heldAs(agent, ['+cart@10', '+shop@20']), 'both ends agree');

  await hub.close();
  const next = [
    assignmentAt({ placement: 'cart', seq: 30n, tree: 'new' }),
    removalAt({ placement: 'shop', seq: 31n }),
  ];
  hub = await startHubEnd(ca, server, { start: { rows: next }, port });
  await passing(
    agent,
    () => agent.durable().join() === '+cart@30,-shop@31',
    'the agent follows the hub after its restart',
  );
  await agent.change({ restart: true });
  await passing(
    agent,
    () => agent.session?.isConnected() === true,
    'the agent is back after its own restart',
  );
  await passing(agent, heldAs(agent, ['+cart@30', '-shop@31']), 'nothing is sent that is held');

  expect(hub.told.filter((line) => line.startsWith('held'))).toEqual([
    'held cart@1.10,shop@1.20',
    'held cart@1.30,shop@1.31',
    'held cart@1.30,shop@1.31',
  ]);
  expect(hub.told.filter((line) => line.startsWith('alarm'))).toEqual([]);
  await agent.stop();
  await hub.close();
});
