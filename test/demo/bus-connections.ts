import { openIdentity } from '@flotilla/hub/identity';
import { cryptoRandom, silentLogger, systemClock } from '@flotilla/shared/kit';
import { connectBus } from '@flotilla/shared/kit/nats';

/** How many clients the hub's NATS server has, by its own count: asked as a user of its system account. */
export async function busConnections(hubDataDir: string, port: number): Promise<number> {
  const identity = await openIdentity({
    dataDir: hubDataDir,
    trustDomain: 'flotilla',
    serverNames: ['127.0.0.1'],
    clock: systemClock(),
  });
  const signal = AbortSignal.timeout(10_000);
  const user = identity.natsAccounts.systemUser('demo');
  await using bus = await connectBus(
    {
      name: 'demo',
      servers: () => [`tls://127.0.0.1:${port}`],
      credentials: () => ({ kind: 'jwt', ...user }),
      caPem: () => identity.tlsServer().caPem,
      backoff: { baseMs: 100, capMs: 1_000 },
      versionMin: '2.12.0',
      pingMs: 10_000,
      random: cryptoRandom(),
      log: silentLogger,
    },
    signal,
  );
  const answer = await bus.request(
    { subject: '$SYS.REQ.SERVER.PING.CONNZ', data: '', timeoutMs: 5_000 },
    signal,
  );
  // The server's documented answer; our own connection is not one of the fleet's.
  const { data } = JSON.parse(new TextDecoder().decode(answer.data)) as { data: { num_connections: number } };
  return data.num_connections - 1;
}
