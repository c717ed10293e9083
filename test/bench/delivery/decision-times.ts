import type { Bus } from '@flotilla/shared/kit/nats';
import { connectHubBus } from '../../real/control-side/index.ts';

const stream = 'FLOTILLA_DECISIONS';

/** The decision log as the NATS server keeps it: when it stored which decision, by its own clock. */
export class DecisionTimes implements AsyncDisposable {
  readonly #bus: Bus;

  private constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** Connects as the hub does, with the keys of its data folder. */
  static async open(dataDir: string, port: number): Promise<DecisionTimes> {
    return new DecisionTimes(await connectHubBus({ dataDir, busPort: port }, 'hub'));
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
