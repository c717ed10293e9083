import { HubLinkError } from '@flotilla/agent/io/hub-link';
import type { AgentIdentity, HubLink, HubStream, RenewalRequest } from '@flotilla/agent/ports';
import { limits } from '@flotilla/shared/base';
import { agentFrameToBytes } from '@flotilla/shared/codec';
import { gzip } from '@flotilla/shared/kit';
import type { AgentFrame, HubFrame } from '@flotilla/shared/model';
import { MemoryEnd } from './memory-end.ts';

/** One stream of an agent without a network. */
export class MemoryHubStream extends MemoryEnd<HubFrame, AgentFrame> implements HubStream {
  constructor() {
    super({ checkSize, gone: () => failure('STREAM_OVER'), broken: () => failure('UNAVAILABLE') });
  }
}

/** A link whose streams a test answers by hand. */
export class MemoryLink implements HubLink {
  readonly streams: MemoryHubStream[] = [];
  /** While set, opening and renewing fail with it. */
  failure: Error | undefined;
  /** While set, opening and renewing wait for it, as for a hub that is there and does not answer. */
  silence: Promise<void> | undefined;
  /** Called when a stream is opened. */
  onOpen: (stream: MemoryHubStream) => void = () => {};
  /** Answers renewals. */
  onRenew: (request: RenewalRequest) => AgentIdentity | Promise<AgentIdentity> = () => {
    throw failure('UNAVAILABLE');
  };

  async open(signal: AbortSignal): Promise<HubStream> {
    const stream = new MemoryHubStream();
    await this.#answered(signal);
    this.onOpen(stream);
    if (this.failure !== undefined) throw this.failure;
    this.streams.push(stream);
    return stream;
  }

  async renew(request: RenewalRequest, signal: AbortSignal): Promise<AgentIdentity> {
    await this.#answered(signal);
    if (this.failure !== undefined) throw this.failure;
    return await this.onRenew(request);
  }

  get last(): MemoryHubStream | undefined {
    return this.streams.at(-1);
  }

  async #answered(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.silence === undefined) return;
    const aborted = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => aborted.reject(signal.reason), { once: true });
    await Promise.race([this.silence, aborted.promise]);
  }
}

/** The error of a hub that is away, or of a stream that is over. */
export function failure(code: 'STREAM_OVER' | 'UNAVAILABLE'): HubLinkError {
  return new HubLinkError('the hub is away, or the stream to it is over', { code, retry: 'backoff' });
}

function checkSize(frame: AgentFrame): void {
  const { length } = agentFrameToBytes(frame, gzip);
  if (length <= limits.frameBytesMax) return;
  const code = 'FRAME_TOO_LARGE';
  throw new HubLinkError(`${frame.kind} of ${length} bytes is larger than a frame`, { code, retry: 'never' });
}
