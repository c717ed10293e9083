import type { HubLink, HubStream } from '@flotilla/agent/ports';
import { AsyncQueue } from '@flotilla/shared/kit';
import type { AgentFrame, HubFrame } from '@flotilla/shared/model';

/** One stream of an agent without a network. */
export class MemoryHubStream implements HubStream {
  readonly frames = new AsyncQueue<HubFrame>();
  readonly sent: AgentFrame[] = [];
  isClosed = false;

  async send(frame: AgentFrame): Promise<void> {
    this.sent.push(frame);
  }

  close(): void {
    this.isClosed = true;
    this.frames.end();
  }
}

/** A link whose streams a test answers by hand. */
export class MemoryLink implements HubLink {
  readonly streams: MemoryHubStream[] = [];
  /** While set, opening fails with it. */
  failure: Error | undefined;
  /** Called when a stream is opened. */
  onOpen: () => void = () => {};

  async open(): Promise<HubStream> {
    this.onOpen();
    if (this.failure !== undefined) throw this.failure;
    const stream = new MemoryHubStream();
    this.streams.push(stream);
    return stream;
  }

  renew(): never {
    throw new Error('no renewal in this test');
  }

  get last(): MemoryHubStream | undefined {
    return this.streams.at(-1);
  }
}
