import { seededRandom } from '@flotilla/shared/base';
import { silentLogger } from '@flotilla/shared/kit';
import { type Bus, type BusOptions, connectBus } from '@flotilla/shared/kit/nats';
import type { NatsServer } from './nats-server.ts';

/** A connection with short pauses, for tests. */
export async function connectTestBus(
  server: Pick<NatsServer, 'url'>,
  more: Partial<BusOptions> = {},
): Promise<Bus> {
  const options = {
    name: 'test',
    servers: () => [server.url],
    credentials: () => undefined,
    backoff: { baseMs: 10, capMs: 100 },
    versionMin: '2.12.0',
    pingMs: 1_000,
    random: seededRandom(1),
    log: silentLogger,
  };
  return await connectBus({ ...options, ...more }, new AbortController().signal);
}
