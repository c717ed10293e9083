import { openIdentity } from '@flotilla/hub/identity';
import { cryptoRandom, silentLogger, systemClock } from '@flotilla/shared/kit';
import { type Bus, connectBus } from '@flotilla/shared/kit/nats';

const stream = 'FLOTILLA_DECISIONS';

/** The decision log as the NATS server keeps it: when it stored which decision, by its own clock. */
export class DecisionTimes implements AsyncDisposable {
  readonly #bus: Bus;

  private constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** Connects as the hub does, with the keys of its data folder. */
  static async open(dataDir: string, port: number): Promise<DecisionTimes> {
    const identity = await openIdentity({
      dataDir,
      trustDomain: 'flotilla',
      serverNames: ['127.0.0.1'],
      clock: systemClock(),
    });
    const user = identity.natsAccounts.hubUser('bench');
    const bus = await connectBus(
      {
        name: 'bench',
        servers: () => [`tls://127.0.0.1:${port}`],
        credentials: () => ({ kind: 'jwt', ...user }),
        caPem: () => identity.tlsServer().caPem,
        backoff: { baseMs: 100, capMs: 1_000 },
        versionMin: '2.12.0',
        pingMs: 10_000,
        random: cryptoRandom(),
        log: silentLogger,
      },
      AbortSignal.timeout(10_000),
    );
    return new DecisionTimes(bus);
  }

  /** When the server stored the decision, in milliseconds with fractions. */
  async storedAtMs(seq: number): Promise<number> {
    const request = {
      subject: `$JS.API.STREAM.MSG.GET.${stream}`,
      data: JSON.stringify({ seq }),
      timeoutMs: 5_000,
    };
    const answer = await this.#bus.request(request, AbortSignal.timeout(6_000));
    // The server's documented answer.
    const { message } = JSON.parse(new TextDecoder().decode(answer.data)) as {
      readonly message: { readonly time: string };
    };
    const fraction = /\.(\d+)Z$/.exec(message.time)?.[1] ?? '0';
    const wholeMs = Date.parse(message.time.replace(/\.\d+Z$/, 'Z'));
    return wholeMs + Number(`0.${fraction}`) * 1_000;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bus[Symbol.asyncDispose]();
  }
}
