import { connectHubBus } from '../real/control-side/index.ts';

/** How many clients the hub's NATS server has, by its own count: asked as a user of its system account. */
export async function busConnections(hubDataDir: string, port: number): Promise<number> {
  await using bus = await connectHubBus({ dataDir: hubDataDir, busPort: port }, 'system');
  const answer = await bus.request(
    { subject: '$SYS.REQ.SERVER.PING.CONNZ', data: '', timeoutMs: 5_000 },
    AbortSignal.timeout(10_000),
  );
  // The server's documented answer; our own connection is not one of the fleet's.
  const { data } = JSON.parse(new TextDecoder().decode(answer.data)) as { data: { num_connections: number } };
  return data.num_connections - 1;
}
