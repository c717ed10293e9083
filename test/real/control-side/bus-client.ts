import { openIdentity } from '@flotilla/hub/identity';
import { cryptoRandom, silentLogger, systemClock } from '@flotilla/shared/kit';
import { type Bus, connectBus } from '@flotilla/shared/kit/nats';

/** Connects to the bus of a hub on this machine, with the keys of its data folder, into one of the hub's own accounts. */
export async function connectHubBus(
  hub: { readonly dataDir: string; readonly busPort: number },
  account: 'hub' | 'system',
): Promise<Bus> {
  const { natsAccounts, tlsServer } = await openIdentity({
    dataDir: hub.dataDir,
    trustDomain: 'flotilla',
    serverNames: ['127.0.0.1'],
    clock: systemClock(),
  });
  const name = 'onlooker';
  const user = account === 'hub' ? natsAccounts.hubUser(name) : natsAccounts.systemUser(name);
  return await connectBus(
    {
      name,
      servers: () => [`tls://127.0.0.1:${hub.busPort}`],
      credentials: () => ({ kind: 'jwt', ...user }),
      caPem: () => tlsServer().caPem,
      backoff: { baseMs: 100, capMs: 1_000 },
      versionMin: '2.12.0',
      pingMs: 10_000,
      random: cryptoRandom(),
      log: silentLogger,
    },
    AbortSignal.timeout(10_000),
  );
}
